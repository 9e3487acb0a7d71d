"""Kill every process that may be killed, the worker first."""

import os
import signal
import time

os.kill(os.getppid(), signal.SIGKILL)
os.kill(-1, signal.SIGKILL)
time.sleep(60)
