"""Learning-rate schedules: pure functions of the step that give a factor on the learning rate.

Every schedule takes the step counted from 1 (a number or an array) first and keyword settings; it
returns the factor at that step, as torch's scheduler of the same shape has it after `t - 1` calls
of its own `step`. Settings that cannot mean anything are a ValueError.
"""

from optim.schedules.annealing import cosine, cosine_with_restarts
from optim.schedules.cycle import one_cycle
from optim.schedules.decay import (
    constant,
    exponential,
    inverse_square_root,
    inverse_time,
    polynomial,
    step,
)
from optim.schedules.ranges import range_test, suggested_rate
from optim.schedules.table import NAMES, factors, schedule
from optim.schedules.warmup import with_warmup

__all__ = ["NAMES", "constant", "cosine", "cosine_with_restarts", "exponential", "factors"]
__all__ += ["inverse_square_root", "inverse_time", "one_cycle", "polynomial", "range_test"]
__all__ += ["schedule", "step", "suggested_rate", "with_warmup"]
