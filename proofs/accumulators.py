"""A bound on Adagrad's accumulators for all time, from the first steps on a quadratic.

Let f be L-smooth and at least 0, and let every rate r_i = lr / (sqrt(s_i) + eps) be at most 1/L
from step T on (rates never grow). The descent lemma gives
f_(t+1) <= f_t - (1/2) sum_i r_i g_i^2, so the sum over t > T of r_i g_i^2 is at most 2 f_T. With
a^2 - b^2 >= (a - b) a for a >= b >= 0, each term is at least
lr (sqrt(s_new) - sqrt(s_old)) k with k = sqrt(s_T) / (sqrt(s_T) + eps), hence for every later t
sqrt(s_t) <= sqrt(s_T) + 2 f_T / (lr k). (In the manner of Ward, Wu and Bottou, JMLR 21, 2020.)
With eps inside the root, r_i = lr / sqrt(s_i + eps), the same holds of sqrt(s + eps), and k = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb, ctx, fmpq, fmpq_mat

from optim.rule import Rule
from proofs.trajectories import PRECISION, Quadratic, rational, trajectory


@dataclass(frozen=True)
class Bounded:
    """Per coordinate: the root in the rate's divisor at step `steps`, and its bound for all time.

    `outside` is the eps that stands beside the root, 0 where it stands inside.
    """

    steps: int
    root_then: list[arb]
    root_ever: list[arb]
    loss_then: arb
    lr: fmpq
    outside: fmpq

    def rates(self) -> list[tuple[arb, arb]]:
        """The least and the greatest that each effective learning rate can be from then on."""
        with ctx.workprec(PRECISION):
            return [
                (self.lr / (ever + arb(self.outside)), self.lr / (then + arb(self.outside)))
                for then, ever in zip(self.root_then, self.root_ever, strict=True)
            ]


def bounded_for_ever(
    rule: Rule,
    problem: Quadratic,
    start: fmpq_mat,
    steps: int,
    smoothness: fmpq,
    settings: dict[str, Any],
    *,
    inside: bool = False,
) -> Bounded | None:
    """The bound above after `steps` steps of diagonal Adagrad; None where a rate is not below 1/L.

    `smoothness` is at least the largest eigenvalue of the Hessian; the least value of the
    quadratic has to be 0. `inside` says that the rule has its eps under the root.
    """
    path, states = trajectory(rule, problem, start, steps, settings)
    with ctx.workprec(PRECISION):
        lr, eps, zero = rational(settings["lr"]), rational(settings["eps"]), fmpq(0)
        under, outside = (eps, zero) if inside else (zero, eps)
        (accumulators,) = states[-1]
        roots = [(s + arb(under)).sqrt() for s in accumulators]
        if not all(lr * smoothness <= root + arb(outside) for root in roots):
            return None
        loss = problem.value(path[-1])
        ever = [root + 2 * loss * (root + arb(outside)) / (root * lr) for root in roots]
        return Bounded(steps, roots, ever, loss, lr, outside)
