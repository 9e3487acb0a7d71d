"""torch's meaning of a rule: a `torch.optim.Optimizer` made from any coordinate-wise rule.

Parameter groups, `state_dict`, learning-rate schedulers, closures, copies and pickles work as
torch's own do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from optim import functions
from optim.meaning import with_meaning
from optim.rule import Rule, check_hyperparameter, nearest


def _maximum(a: Any, b: Any) -> Tensor:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return torch.maximum(a, b)
    return torch.clamp(a, min=b)


def _minimum(a: Any, b: Any) -> Tensor:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return torch.minimum(a, b)
    return torch.clamp(a, max=b)


def _where(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, Tensor):
        return torch.where(condition, a, b)
    return a if condition else b


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "maximum": _maximum,
    "minimum": _minimum,
    "sign": torch.sign,
    "expm1": torch.expm1,
    "where": _where,
}


OWN = {"params", "param_names", "initial_lr", "base_lr"}
"""What a parameter group holds beside hyper-parameters."""


class RuleOptimizer(torch.optim.Optimizer):
    """Trains torch parameters by a rule.

    Hyper-parameters by keyword, or in parameter groups, under the rule's names; `betas=(...)`
    stands for beta1 and beta2, and is what a group holds, so that torch's schedulers find it. A
    gradient that is missing, sparse or complex is an error before any parameter moves.
    """

    def __init__(
        self, params: Iterable[Tensor] | Iterable[dict[str, Any]], rule: Rule, **given: Any
    ) -> None:
        if not rule.coordinatewise:
            raise ValueError(f"{rule.name} is not coordinate-wise: torch cannot train by it")
        self.rule = rule
        super().__init__(params, _packed(rule, rule.hyperparameters(**_unpacked(rule, given))))

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters after checking the hyper-parameters it brings.

        Where more than the learning rate is scheduled, the group keeps the rate it begins with.
        """
        given = {key: value for key, value in param_group.items() if key not in OWN}
        checked = self.rule.hyperparameters(**_unpacked(self.rule, {**self.defaults, **given}))
        group = {key: value for key, value in param_group.items() if key in OWN}
        if self.rule.scheduled != ("lr",):
            group.setdefault("base_lr", checked["lr"])
        # Past torch's decorator, which would import its compiler: 1.5 s for nothing here.
        add = inspect.unwrap(torch.optim.Optimizer.add_param_group)
        add(self, {**group, **_packed(self.rule, checked)})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set every gradient to None, or to zeros; as torch's, without importing its compiler."""
        inspect.unwrap(torch.optim.Optimizer.zero_grad)(self, set_to_none)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step; with `closure`, first evaluate it with gradients and return its loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        self._check_gradients()
        for group in self.param_groups:
            hyperparameters = self._scheduled(group)
            for parameter in group["params"]:
                self._step_one(parameter, hyperparameters)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """Return torch's dictionary, and the name of the rule whose state it is."""
        return {**super().state_dict(), "rule": self.rule.name}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` returned.

        ValueError where it is another rule's, before anything is loaded, or where a state's shape
        is not its weights'.
        """
        found = state_dict.get("rule")
        if found != self.rule.name:
            whose = f"of rule {found!r}" if found else "not one that a RuleOptimizer saved"
            raise ValueError(
                f"{self.rule.name}: the state is {whose}, expected one of rule "
                f"{self.rule.name!r}; load it into an optimizer of the kind that saved it"
            )
        super().load_state_dict(state_dict)
        for parameter, state in self.state.items():
            for name in self.rule.state:
                if name not in state or state[name].shape != parameter.shape:
                    found = tuple(state[name].shape) if name in state else "none"
                    raise ValueError(
                        f"{self.rule.name}: state {name!r} has shape {found}, "
                        f"expected {tuple(parameter.shape)} as its parameter has"
                    )

    def _scheduled(self, group: dict[str, Any]) -> dict[str, float]:
        """Hyper-parameters of a group, those that go with the learning rate scaled as it was."""
        hyperparameters = {
            name: float(value) for name, value in _unpacked(self.rule, group).items()
            if name in self.rule.defaults
        }  # fmt: skip
        # As in AdaBound's own code, which notes the learning rates that it is made with.
        if base := float(group.get("base_lr", 0.0)):
            for name in self.rule.scheduled:
                if name != "lr":
                    hyperparameters[name] *= hyperparameters["lr"] / base
        for name, value in hyperparameters.items():
            check_hyperparameter(self.rule.name, name, value)
        return hyperparameters

    def _check_gradients(self) -> None:
        for number, group in enumerate(self.param_groups):
            for position, parameter in enumerate(group["params"]):
                where = f"{self.rule.name}: parameter {position} of group {number}"
                if parameter.grad is None:
                    raise ValueError(
                        f"{where} has no gradient; call backward() first, or leave it out"
                    )
                if parameter.grad.is_sparse:
                    raise ValueError(f"{where} has a sparse gradient; pass grad.to_dense()")
                if parameter.is_complex():
                    raise ValueError(f"{where} is complex; pass torch.view_as_real of it")

    def _step_one(self, parameter: Tensor, hyperparameters: dict[str, float]) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = torch.tensor(0.0)
            for name in self.rule.state:
                start = hyperparameters.get(self.rule.initial.get(name, ""), 0.0)
                state[name] = torch.full_like(parameter, start, memory_format=torch.preserve_format)
        state["step"] += 1
        values = tuple(state[name] for name in self.rule.state)
        t = np.float64(state["step"].item())
        scalars = self.rule.scalars(t, hyperparameters, self._per_step(state))
        rest = (hyperparameters[name] for name in self.rule.update_hyperparameters)
        update = with_meaning(self.rule.update, FUNCTIONS)
        new = update(parameter, parameter.grad, *values, *map(float, scalars), *rest)
        weight, *after = new if self.rule.state else (new,)
        parameter.copy_(weight)
        state.update(zip(self.rule.state, after, strict=True))

    def _per_step(self, state: dict[str, Any]) -> Callable[..., Any] | None:
        """Return `per_step` with its product over all steps carried in `state` from step to step.

        None where it takes no product. As torch's NAdam carries its own: one factor a step, and
        each with the settings of its own step.
        """
        if self.rule.per_step is None or "product" not in self.rule.per_step.__code__.co_names:
            return None

        def product(factor: Callable[[Any], Any], t: Any) -> float:
            # Not a tensor, which loading would round to the precision of the weights.
            carried: float = state.get("product", 1.0) * float(factor(t))
            state["product"] = carried
            return carried

        known = {name: getattr(functions, name) for name in functions.NAMES}
        return with_meaning(self.rule.per_step, {**known, "product": product})

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "rule": self.rule}


def _unpacked(rule: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """Replace betas=(a, b) by beta1 and beta2."""
    given = dict(given)
    if "betas" in given:
        if "beta1" not in rule.defaults:
            raise ValueError(
                f"{rule.name} has no hyper-parameter 'betas'; {nearest('betas', rule.defaults)}"
            )
        betas = tuple(given.pop("betas"))
        if len(betas) != 2:
            raise ValueError(f"{rule.name}: betas = {betas}, expected two numbers")
        given |= {"beta1": betas[0], "beta2": betas[1]}
    return given


def _packed(rule: Rule, hyperparameters: dict[str, float]) -> dict[str, Any]:
    """Replace beta1 and beta2 by torch's betas."""
    if "beta1" not in rule.defaults:
        return dict(hyperparameters)
    rest = {key: value for key, value in hyperparameters.items() if not key.startswith("beta")}
    return {**rest, "betas": (hyperparameters["beta1"], hyperparameters["beta2"])}
