"""The torch.optim optimizer that each rule should equal, with the arguments that make it so."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch

TORCH: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "gradient_descent": torch.optim.SGD,
    "sgd": torch.optim.SGD,
    "momentum": functools.partial(torch.optim.SGD, momentum=0.9),
    "nesterov": functools.partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "nesterov_lookahead": functools.partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "rmsprop_momentum": functools.partial(torch.optim.RMSprop, momentum=0.9),
    "rmsprop_centered": functools.partial(torch.optim.RMSprop, centered=True),
    "rmsprop_centered_momentum": functools.partial(
        torch.optim.RMSprop, centered=True, momentum=0.9
    ),
    "adadelta": torch.optim.Adadelta,
    "adam": torch.optim.Adam,
    "adam_l2": functools.partial(torch.optim.Adam, weight_decay=1e-2),
    "adamw": torch.optim.AdamW,
    "amsgrad": functools.partial(torch.optim.Adam, amsgrad=True),
    "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam,
    "adamax": torch.optim.Adamax,
}
"""Both called with their own defaults otherwise, so that the defaults are compared too."""
