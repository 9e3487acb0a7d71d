"""Judges every step of a proof on instances that satisfy its hypotheses.

A step holds where it is true on all of them; it is false on one where the two sides certainly
differ. It does not follow where it is true and yet the line it rests on is not, where the steps
do not lead to what is to be proved, or where it fails once the hypotheses it does not cite
(`using`) are dropped. What is checked is truth on instances: a step may still be too long a leap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from flint import ctx

from proofs.steps.evaluate import MOST_WORK, Budget, value_of
from proofs.steps.givens import FLAVOURS, Given, NoInstanceError, draw, relaxed, work_of
from proofs.steps.language import ProofError
from proofs.steps.meeting import meet
from proofs.steps.reading import Proof
from proofs.steps.statements import Assertion, Claim, Relation, Statement, begs, claims, reached
from proofs.steps.values import Truth, UndecidedError, UndefinedError, Value, shown

Outcome = Literal["holds", "false", "does not follow", "undefined", "undecided", "not tested"]

ORDERS = (1, 2, 3, 4, 5)
REPEATS = 5
PRECISIONS = (128, 256, 512)
FEWEST_INSTANCES = 4
RELAXED_ORDERS = (2, 3)
RELAXED_FLAVOURS = ("small integers", "Gaussian")
RELAXED_ATTEMPTS = 8
MOST_RELAXED_WORK = 20_000
MOST_SHOWN = 4
MOST_SHRINKING_WORK, WORK_OF_A_TRIAL = 45_000, 300  # what Hypothesis itself takes for each
SHRUNK = "small integers, shrunk"


@dataclass(frozen=True)
class Recipe:
    """How to draw one instance again, at any precision."""

    givens: tuple[Given, ...]
    flavour: str
    order: int
    seed: int

    def draw(self, budget: Budget) -> dict[str, Value]:
        """The instance at working precision."""
        line = self.givens[-1].line if self.givens else 1
        budget.spend(line, work_of(self.givens, self.order))
        return draw(self.givens, self.flavour, self.order, self.seed)

    def __str__(self) -> str:
        return f"{self.flavour}, order {self.order}, seed {self.seed}"


@dataclass(frozen=True)
class Where:
    """An instance on which a step goes wrong: every name's value and both sides, as text."""

    drawn_as: str
    names: dict[str, str]
    left: str
    right: str


@dataclass(frozen=True)
class StepFinding:
    """What was found about one step.

    `certain` of the `instances` were decided beyond doubt, the others within half the precision;
    `relaxed_instances` met the line before without the hypotheses that the step does not cite.
    """

    step: str
    line: int
    text: str
    outcome: Outcome
    reason: str
    instances: int
    certain: int = 0
    relaxed_instances: int = 0
    where: Where | None = None


@dataclass(frozen=True)
class _Judged:
    recipe: Recipe
    truth: Truth
    undefined: str = ""


def check_proof(proof: Proof, seed: int) -> list[StepFinding]:
    """One finding a step, and a last one on whether the statement to prove is reached."""
    checker = _Checker(proof, seed)
    steps = claims(proof)
    if len(checker.recipes) < FEWEST_INSTANCES:
        reason = f"only {len(checker.recipes)} of the instances drawn meet the hypotheses"
        return [checker.found(claim, "not tested", reason) for claim in steps]
    findings = [checker.check(claim) for claim in steps]
    conclusion = Claim(0, proof.prove.line, proof.prove.text, Statement(proof.prove))
    last = checker.check(conclusion)
    if last.outcome == "holds" and not reached(proof, steps):
        reason = "true, but the last step does not end in it"
        last = checker.found(conclusion, "does not follow", reason)
    return [*findings, last]


def first_failure(findings: list[StepFinding]) -> StepFinding | None:
    """The first step that does not hold, or None."""
    return next((finding for finding in findings if finding.outcome != "holds"), None)


@dataclass
class _Checker:
    """One proof's instances, drawn once each, and the work it may still take."""

    proof: Proof
    seed: int
    budget: Budget = field(default_factory=Budget)
    drawn: dict[tuple[Recipe, int], dict[str, Value]] = field(default_factory=dict)
    has_shrunk: bool = False

    def __post_init__(self) -> None:
        self.recipes = [recipe for recipe in self._all_recipes() if self._satisfies(recipe)]

    def check(self, claim: Claim) -> StepFinding:
        """The finding about one claim."""
        judged = [self._judge(claim.assertion, recipe) for recipe in self.recipes]
        certain = sum(one.truth is Truth.TRUE for one in judged)
        if any(one.undefined for one in judged):
            without = [one for one in judged if one.undefined]
            return self._simplest(
                claim, "undefined", without[0].undefined, without, claim.assertion
            )
        if any(one.truth is Truth.FALSE for one in judged):
            return self._false(claim, [one for one in judged if one.truth is Truth.FALSE])
        if claim.number and begs(self.proof, claim):
            return self.found(claim, "does not follow", "it starts from what is to be proved")
        if claim.premise is not None:
            before = [self._judge(claim.premise, recipe) for recipe in self.recipes]
            if broken := [one for one in before if one.truth is Truth.FALSE]:
                reason = "true, but the line it rests on is false"
                return self._simplest(claim, "does not follow", reason, broken, claim.premise)
        if any(one.truth is Truth.UNDECIDED for one in judged):
            reason = f"not decided at {PRECISIONS[-1]} bits on some instance"
            return self.found(claim, "undecided", reason, certain)
        if claim.using is None:
            return self.found(claim, "holds", "", certain)
        return self._follows(claim, claim.using, certain)

    def found(
        self,
        claim: Claim,
        outcome: Outcome,
        reason: str,
        certain: int = 0,
        relaxed_instances: int = 0,
        where: Where | None = None,
    ) -> StepFinding:
        """A finding about a claim, with the number of instances it rests on."""
        return StepFinding(
            step=f"step {claim.number}" if claim.number else "conclusion",
            line=claim.line,
            text=claim.text,
            outcome=outcome,
            reason=reason,
            instances=len(self.recipes),
            certain=certain,
            relaxed_instances=relaxed_instances,
            where=where,
        )

    def _all_recipes(self) -> Iterator[Recipe]:
        for order in ORDERS:
            for flavour in FLAVOURS:
                for repeat in range(REPEATS):
                    number = (self.seed * 1000 + order) * 1000 + 10 * repeat
                    number += FLAVOURS.index(flavour)
                    yield Recipe(self.proof.givens, flavour, order, number)

    def _satisfies(self, recipe: Recipe) -> bool:
        """Whether an instance can be drawn and certainly meets the assumptions."""
        with ctx.workprec(PRECISIONS[0]):
            try:
                return self._meets(recipe.draw(self.budget), self.budget)
            except (NoInstanceError, UndefinedError, UndecidedError):
                return False

    def _meets(self, names: dict[str, Value], budget: Budget) -> bool:
        """Whether an instance certainly meets all assumptions."""
        return all(
            Statement(assumption).truth(names, budget) is Truth.TRUE
            for assumption in self.proof.assumptions.values()
        )

    def _define(self, names: dict[str, Value], budget: Budget) -> None:
        """Add the abbreviations' values to an instance."""
        for name, expression in self.proof.definitions.items():
            names[name] = value_of(expression, names, budget)

    def _names(self, recipe: Recipe, precision: int) -> dict[str, Value]:
        """Everything named on one instance, abbreviations evaluated; at working precision."""
        if (recipe, precision) not in self.drawn:
            names = recipe.draw(self.budget)
            self._define(names, self.budget)
            self.drawn[recipe, precision] = names
        return self.drawn[recipe, precision]

    def _judge(self, assertion: Assertion, recipe: Recipe) -> _Judged:
        """An assertion's truth on one instance, at rising precision while it is not decided."""
        for precision in PRECISIONS:
            with ctx.workprec(precision):
                try:
                    truth = assertion.truth(self._names(recipe, precision), self.budget)
                except UndefinedError as error:
                    return _Judged(recipe, Truth.FALSE, str(error))
                except (UndecidedError, NoInstanceError):
                    continue
            if truth is not Truth.UNDECIDED:
                return _Judged(recipe, truth)
        return _Judged(recipe, Truth.UNDECIDED)

    def _false(self, claim: Claim, failing: list[_Judged]) -> StepFinding:
        """A false link whose value is right for the chain's start went wrong a line earlier."""
        start, link = claim.from_the_start, claim.assertion
        later = start is not None and isinstance(link, Relation) and start.left is not link.left
        if (
            start is not None
            and later
            and all(self._judge(start, each).truth >= Truth.CLOSE for each in self.recipes)
        ):
            reason = "right for the start of the chain, not for the line before"
            return self._simplest(claim, "does not follow", reason, failing, link)
        return self._simplest(claim, "false", "the two sides differ", failing, link)

    def _simplest(
        self,
        claim: Claim,
        outcome: Outcome,
        reason: str,
        failing: list[_Judged],
        broken: Assertion,
    ) -> StepFinding:
        """The finding on the simplest instance known: shrunk, or the shortest to write down."""
        with ctx.workprec(PRECISIONS[0]):
            shrunk = self._shrunk(broken, undefined=outcome == "undefined")
            if shrunk is not None:
                where = self._where(claim, SHRUNK, shrunk)
                return self.found(claim, outcome, reason, where=where)
            found: list[Where] = []
            # They come by increasing order: the simplest are among the first.
            for one in failing[:MOST_SHOWN]:
                try:
                    names = self._names(one.recipe, PRECISIONS[0])
                except (UndefinedError, UndecidedError):
                    names = one.recipe.draw(self.budget)
                self.budget.spend(claim.line, MOST_SHOWN * len(names))
                found.append(self._where(claim, str(one.recipe), names))
        where = min(found, key=lambda each: sum(map(len, each.names.values())))
        return self.found(claim, outcome, reason, where=where)

    def _shrunk(self, broken: Assertion, *, undefined: bool) -> dict[str, Value] | None:
        """The simplest instance on which an assertion is false (or undefined); of one step only."""
        if self.has_shrunk or self.budget.left < MOST_WORK / 2:
            return None
        self.has_shrunk = True
        self.budget.left -= MOST_WORK // 2  # as long as the search below may take
        budget = Budget(MOST_SHRINKING_WORK)

        def fails(names: dict[str, Value]) -> bool:
            try:
                budget.spend(1, WORK_OF_A_TRIAL + work_of(self.proof.givens, ORDERS[2]))
                if not self._meets(names, budget):
                    return False
                self._define(names, budget)
                return broken.truth(names, budget) is Truth.FALSE and not undefined
            except UndefinedError:
                return undefined
            except (UndecidedError, ProofError):  # a ProofError: this search's work is spent
                return False

        # Here, since Hypothesis takes as long to import as a proof that holds takes to check.
        from proofs.steps.shrinking import simplest_instance

        return simplest_instance(self.proof.givens, fails)

    def _where(self, claim: Claim, drawn_as: str, names: dict[str, Value]) -> Where:
        try:
            left, right = claim.assertion.sides(names, self.budget)
        except (UndefinedError, UndecidedError) as error:
            left, right = f"no value: {error}", ""
        return Where(drawn_as, {name: shown(value) for name, value in names.items()}, left, right)

    def _follows(self, claim: Claim, using: frozenset[str], certain: int) -> StepFinding:
        """Whether a true step still holds once the hypotheses it does not cite are dropped."""
        tried, before = 0, self.budget.left
        for recipe in self._relaxed_recipes(using):
            if before - self.budget.left > MOST_RELAXED_WORK:
                break
            with ctx.workprec(PRECISIONS[0]):
                names = self._relaxed_names(claim, using, recipe)
                if names is None:
                    continue
                tried += 1
                try:
                    fails = claim.assertion.truth(names, self.budget) is Truth.FALSE
                except UndefinedError:
                    fails = True
                except UndecidedError:
                    fails = False
                if fails:
                    reason = "true under all hypotheses, but not from what it cites"
                    where = self._where(claim, f"{recipe}, hypotheses dropped", names)
                    return self.found(claim, "does not follow", reason, certain, tried, where)
        return self.found(claim, "holds", "", certain, tried)

    def _relaxed_recipes(self, using: frozenset[str]) -> Iterator[Recipe]:
        givens = relaxed(self.proof.givens, using)
        for order in RELAXED_ORDERS:
            for flavour in RELAXED_FLAVOURS:
                for attempt in range(RELAXED_ATTEMPTS):
                    yield Recipe(givens, flavour, order, 7919 * (self.seed + attempt + 1) + order)

    def _relaxed_names(
        self, claim: Claim, using: frozenset[str], recipe: Recipe
    ) -> dict[str, Value] | None:
        """An instance of the weaker hypotheses that meets the line before, if one is found."""
        kept = [e for name, e in self.proof.assumptions.items() if name in using]
        try:
            names = meet(
                claim.premise,
                recipe.draw(self.budget),
                recipe.givens,
                self.proof.definitions,
                self.budget,
            )
            if names is None:
                return None
            held = all(Statement(e).truth(names, self.budget) is Truth.TRUE for e in kept)
        except (NoInstanceError, UndecidedError, UndefinedError):
            return None
        return names if held else None
