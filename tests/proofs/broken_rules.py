"""Rules that are not the rule: under its name, with another update."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from optim import registry
from optim.functions import abs as magnitude
from optim.functions import sqrt
from optim.rule import Rule


def with_rules(**updates: Callable[..., Any]) -> SimpleNamespace:
    """The registry with other updates under the same names."""

    def rule(name: str) -> Rule:
        found = registry.rule(name)
        return dataclasses.replace(found, update=updates[name]) if name in updates else found

    return SimpleNamespace(rule=rule, names=registry.names)


def fading(w, g, s, lr, eps):
    s = 0.5 * s + g * g
    return w - lr * g / (sqrt(s) + eps), s


def without_root(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / (s + eps), s


def floored(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / (sqrt(s) + eps) - lr * g, s


def still(w, g, s, lr, eps):
    return w - 0 * lr * eps, s + g * g


def plain(w, g, s, lr, eps):
    return w - lr * g / (1 + eps), s


def zigzagging(w, g, s, lr, eps):
    return w - lr * g - 0 * eps, s + g * g


def summed_sizes(w, g, s, lr, eps):
    s = s + magnitude(g)
    return w - lr * g / (sqrt(s) + eps), s


def normalised(w, g, s, lr, eps):
    return w - lr * g / (sqrt(g * g) + eps), s + g * g


def growing_average(w, g, v, lr, alpha, eps):
    v = v * (2 - alpha) + (1 - alpha) * g * g
    return w - lr * g / (sqrt(v) + eps), v


def undecayed(w, g, s, lr, eps, decay):
    s = s + g * g + 0 * decay
    return w - lr * g / (sqrt(s) + eps), s


def summed_adadelta(w, g, v, u, lr, rho, eps):
    v = v + g * g
    delta = sqrt(u + eps) / sqrt(v + eps) * g
    return w - lr * delta, v, rho * u + (1 - rho) * delta * delta


def summed_moments(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


def helped_by_eps(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / sqrt(s) - lr * eps * g, s


def closing(t, beta1, beta2, final_lr, gamma):
    return beta1 + beta2, final_lr / t, final_lr * (1 + 1 / (gamma * t))


def averaged(w, g, v, lr, momentum):
    v = momentum * v + (1 - momentum) * g
    return w - lr * v, v


def printed_lookahead(w, g, v, lr, momentum):
    back = w + momentum * v
    v = momentum * v + g
    return back - lr * v - momentum * v, v


def half_a_step(w, g, lr):
    return w - lr * g / 2


def squared_gradient(w, g, lr):
    return w - lr * g * g


def adabound_closing(name: str) -> Rule:
    found = registry.rule(name)
    return dataclasses.replace(found, per_step=closing) if name == "adabound" else found


def never_reset(name: str) -> Rule:
    found = registry.rule(name)
    if name != "adagrad_reset":
        return found
    return dataclasses.replace(found, per_step=lambda t, period: ((t + period) / (t + period),))


def adamw_for_both(name: str) -> Rule:
    return registry.rule("adamw" if name == "adam_l2" else name)
