"""Ignore every signal that can be ignored, and hang in a second session."""

import contextlib
import os
import signal
import time

for number in range(1, 65):
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
time.sleep(3600)
