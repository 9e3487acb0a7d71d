"""Put markup into everything that the feedback shows: printed text, error names and messages."""

MARKUP = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"
Error = type(MARKUP, (Exception,), {})
print(MARKUP)


def adagrad_step(x, grad, s, lr, eps):
    raise Error(MARKUP)
