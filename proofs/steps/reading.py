"""Reads a proof file: YAML nodes with their lines, checked key by key, expressions parsed.

title: text
place: {document: assignment, section: 3.8 exercise 1}
given: {n: order, U: orthogonal(n), v: vector(n)}
assume: {named: relation}            # optional
let: {w: U @ v}                      # optional
prove: norm(U @ v) = norm(v)
steps:
  - have: norm(U @ v)**2             # a value, or a relation, that a chain starts from
  - =: (U @ v).T @ (U @ v)           # one of = <= < between values, => between relations,
                                     # ">=" and ">" too, in quotes
    because: the length of a vector  # optional, for people
    using: [U]                       # optional: the only givens and assumptions used here
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from proofs.steps.givens import MOST_GIVENS, Given, parse_given
from proofs.steps.language import Expression, ProofError, check_name, is_relation, parse
from proofs.verdict import Place

MOST_BYTES = 20_000
MOST_STEPS = 40
DEEPEST = 6
RELATIONS = ("=", "<=", ">=", "<", ">")
IMPLIES = "=>"
HAVE = "have"


class NoStepsError(ProofError):
    """A proof that nobody has begun: its list of steps is empty."""


@dataclass(frozen=True)
class Step:
    """One step: how it is joined to the one before, what it says, and what it may use.

    `using` is None where the file names nothing: then everything given may be used.
    """

    link: str
    expression: Expression
    because: str
    using: frozenset[str] | None

    @property
    def line(self) -> int:
        """The line of the file that the step's expression stands on."""
        return self.expression.line


@dataclass(frozen=True)
class Proof:
    """A proof as written: hypotheses, abbreviations, the statement and the chain of steps."""

    title: str
    place: Place
    givens: tuple[Given, ...]
    assumptions: dict[str, Expression]
    definitions: dict[str, Expression]
    prove: Expression
    steps: tuple[Step, ...]


def read_proof(path: Path) -> Proof:
    """Read a file; errors name the file, the line and the reason."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        return parse_proof(content)
    except ProofError as error:
        raise ProofError(error.line, error.reason, path) from error


def parse_proof(content: bytes) -> Proof:
    """Parse the bytes of a proof file; ProofError, with the line, where they are none."""
    root = _compose(content)
    top = _mapping(root, ("title", "place", "given", "assume", "let", "prove", "steps"))
    for key in ("title", "place", "given", "prove", "steps"):
        if key not in top:
            raise ProofError(_line(root), f"the key {key!r} is missing")
    givens = _givens(top["given"])
    names = frozenset(name for given in givens for name in given.names)
    assumptions = _named(top.get("assume"), names, grow=False)
    for expression in assumptions.values():
        _need_relation(expression)
    definitions = _named(top.get("let"), names, grow=True)
    names |= frozenset(definitions)
    if names & frozenset(assumptions):
        raise ProofError(_line(top["assume"]), "an assumption has the name of something given")
    prove = parse(_text(top["prove"]), _line(top["prove"]), names)
    _need_relation(prove)
    return Proof(
        title=_text(top["title"]),
        place=_place(top["place"]),
        givens=givens,
        assumptions=assumptions,
        definitions=definitions,
        prove=prove,
        steps=_steps(top["steps"], names, givens, frozenset(assumptions)),
    )


def _compose(content: bytes) -> yaml.Node:
    if len(content) > MOST_BYTES:
        raise ProofError(1, f"a proof file has at most {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8")
        _check_characters(text)
        _check_tokens(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ProofError(line, "not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"not YAML: {error.problem}"
        if "chomping" in reason:  # YAML takes the > of a step `- >=: b` for the start of a text
            reason = 'a step with > or >= has it in quotes: - ">=": ...'
        raise ProofError(mark.line + 1 if mark else 1, reason) from error
    except yaml.YAMLError as error:
        raise ProofError(1, f"not YAML: {' '.join(str(error).split())}") from error
    except ProofError:
        raise
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF"
        raise ProofError(1, "not YAML: an escape that stands for no character") from error
    if root is None:
        raise ProofError(1, "an empty file")
    return root


def _check_characters(text: str) -> None:
    """Refuse characters that are not seen, such as those that turn the direction of writing."""
    for at, character in enumerate(text):
        if unicodedata.category(character) == "Cf" and at > 0:  # a file may begin with U+FEFF
            line = text.count("\n", 0, at) + 1
            raise ProofError(
                line, f"the character U+{ord(character):04X} cannot be seen; remove it"
            )


def _check_tokens(text: str) -> None:
    """Refuse aliases (which multiply) and deep nesting before anything is built from them."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            raise ProofError(line, "anchors, aliases and tags of YAML are not read here")
        if isinstance(
            token,
            yaml.BlockMappingStartToken
            | yaml.BlockSequenceStartToken
            | yaml.FlowMappingStartToken
            | yaml.FlowSequenceStartToken,
        ):
            depth += 1
        elif isinstance(
            token, yaml.BlockEndToken | yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken
        ):
            depth -= 1
        if depth > DEEPEST:
            raise ProofError(line, f"nested deeper than {DEEPEST}")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _text(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise ProofError(_line(node), "a text is expected here")
    return str(node.value)


def _pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node, int]]:
    if not isinstance(node, yaml.MappingNode):
        raise ProofError(_line(node), "`key: value` lines are expected here")
    seen: set[str] = set()
    for key_node, value in node.value:
        key = _text(key_node)
        if key in seen:
            raise ProofError(_line(key_node), f"{key!r} stands here twice")
        seen.add(key)
        yield key, value, _line(key_node)


def _mapping(node: yaml.Node, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
    found: dict[str, yaml.Node] = {}
    for key, value, line in _pairs(node):
        if key not in allowed:
            raise ProofError(line, f"unknown key {key[:40]!r}; expected {', '.join(allowed)}")
        found[key] = value
    return found


def _place(node: yaml.Node) -> Place:
    found = _mapping(node, ("document", "section"))
    if len(found) != 2:
        raise ProofError(_line(node), "a place has a document and a section")
    return Place(_text(found["document"]), _text(found["section"]))


def _givens(node: yaml.Node) -> tuple[Given, ...]:
    known: dict[str, Given] = {}
    givens: list[Given] = []
    for name, value, line in _pairs(node):
        given = parse_given(name, _text(value), line, known)
        givens.append(given)
        known |= dict.fromkeys(given.names, given)
    if len(givens) > MOST_GIVENS:
        raise ProofError(_line(node), f"at most {MOST_GIVENS} things are given")
    return tuple(givens)


def _named(node: yaml.Node | None, names: frozenset[str], *, grow: bool) -> dict[str, Expression]:
    """Named expressions; with `grow`, each may use those before it."""
    found: dict[str, Expression] = {}
    for name, value, line in _pairs(node) if node is not None else ():
        check_name(name, line)
        if name in names:
            raise ProofError(line, f"{name!r} cannot be a name here: it is given already")
        if len(found) == MOST_GIVENS:
            raise ProofError(line, f"at most {MOST_GIVENS} names are defined here")
        known = names | frozenset(found) if grow else names
        found[name] = parse(_text(value), _line(value), known)
    return found


def _need_relation(expression: Expression) -> None:
    if not is_relation(expression.tree):
        raise ProofError(
            expression.line, f"{expression.text!r} is a value; a relation such as a <= b is needed"
        )


def _steps(
    node: yaml.Node, names: frozenset[str], givens: tuple[Given, ...], assumed: frozenset[str]
) -> tuple[Step, ...]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        kind = ProofError if node.value else NoStepsError
        raise kind(_line(node), "`steps` is a list of at least one step")
    if len(node.value) > MOST_STEPS:
        raise ProofError(_line(node), f"a proof has at most {MOST_STEPS} steps")
    usable = frozenset(name for given in givens for name in given.names) | assumed
    steps: list[Step] = []
    for item in node.value:
        step = _step(item, names, usable)
        _check_link(step, steps[-1] if steps else None)
        steps.append(step)
    return tuple(steps)


def _step(node: yaml.Node, names: frozenset[str], usable: frozenset[str]) -> Step:
    links = (HAVE, IMPLIES, *RELATIONS)
    found = _mapping(node, (*links, "because", "using"))
    linked = [key for key in links if key in found]
    if len(linked) != 1:
        raise ProofError(_line(node), f"a step has exactly one of {' '.join(links)}")
    (link,) = linked
    expression = parse(_text(found[link]), _line(found[link]), names)
    if link == IMPLIES:
        _need_relation(expression)
    elif link in RELATIONS and is_relation(expression.tree):
        raise ProofError(expression.line, f"{link} joins values; => joins relations")
    because = _text(found["because"]) if "because" in found else ""
    return Step(link, expression, because, _using(found.get("using"), usable))


def _using(node: yaml.Node | None, usable: frozenset[str]) -> frozenset[str] | None:
    if node is None:
        return None
    if not isinstance(node, yaml.SequenceNode):
        raise ProofError(_line(node), "`using` is a list of names, [] for none")
    used: set[str] = set()
    for item in node.value:
        name = _text(item)
        if name not in usable:
            raise ProofError(
                _line(item), f"using {name[:40]!r}: known are {', '.join(sorted(usable))}"
            )
        used.add(name)
    return frozenset(used)


def _check_link(step: Step, before: Step | None) -> None:
    if step.link == HAVE:
        return
    if before is None:
        raise ProofError(step.line, f"the first step starts a chain: write `{HAVE}:`")
    started_by_relation = is_relation(before.expression.tree)
    if step.link in RELATIONS and started_by_relation:
        raise ProofError(step.line, f"{step.link} follows a value; after a relation comes =>")
    if step.link == IMPLIES and before.link == HAVE and not started_by_relation:
        raise ProofError(step.line, "=> follows a relation or a chain, not a single value")
