"""A rule's formula, typeset from the rule itself: its source, run once on SymPy's symbols.

Each assignment of the update becomes an equation: the scalars of the step first, then the state,
then the weight, with the index t for what step t makes or is given, t - 1 for what it starts from.
"""

from __future__ import annotations

import ast
import dataclasses
import html
import re
from collections.abc import Callable
from typing import Any
from xml.dom import minidom

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.mathml import MathMLPresentationPrinter

from optim import notation
from optim.rule import Rule, parameters
from optim.source import definition_of
from optim.symbolic import FUNCTIONS

STEP = sympy.Symbol("t", integer=True, positive=True)
SHORT = 4
"""A scalar of the step with fewer operations than this is written where it is used."""


@dataclasses.dataclass(frozen=True)
class Formula:
    """A rule's equations in order, as SymPy pairs (left, right), and how each symbol is written."""

    equations: tuple[tuple[sympy.Expr, sympy.Expr], ...]
    letters: dict[str, tuple[notation.Glyph, str]]

    def latex(self) -> str:
        """Return an `aligned` block of LaTeX, one equation a line."""
        printer = _Latex(self.letters)
        lines = (
            f"{printer.doprint(left)} &= {printer.doprint(_tidy(right))}"
            for left, right in self.equations
        )
        text = " \\\\\n".join(lines).replace("+ - ", "- ")
        return f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}"

    def mathml(self) -> str:
        """Return a `math` element of presentation MathML, one equation a row."""
        rows = []
        for left, right in self.equations:
            printer = _MathML(self.letters)
            sides = (printer._print(left).toxml(), printer._print(_tidy(right)).toxml())
            rows.append(
                f'<mtr><mtd style="text-align: right">{sides[0]}</mtd>'
                f'<mtd style="text-align: left"><mo>=</mo>{sides[1]}</mtd></mtr>'
            )
        return _without_entities(
            '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
            f'<mtable columnalign="right left" displaystyle="true">{"".join(rows)}</mtable></math>'
        )


def formula(rule: Rule) -> Formula:
    """Return the formula of `rule`, from its own source."""
    trace = _Trace(rule)
    scalars = _scalars(rule, trace)
    states = [trace.symbol(name, "t-1") for name in rule.state]
    inputs = [trace.symbol(name, "t-1" if name == "w" else "t") for name in rule.inputs]
    rest = [trace.symbol(name) for name in rule.update_hyperparameters]
    result = _traced(rule.update, trace.define)(*inputs, *states, *scalars, *rest)
    w, *after = result if rule.state else (result,)
    for name, value in zip(rule.state, after, strict=True):
        if value != trace.symbol(name, "t"):
            trace.define(name, value)
    trace.equations.append((trace.symbol("w", "t"), w))
    return Formula(tuple(trace.equations), trace.letters)


class _Trace:
    """Makes symbols, and notes an equation for each assignment."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.letters: dict[str, tuple[notation.Glyph, str]] = {}
        self.equations: list[tuple[sympy.Expr, sympy.Expr]] = []

    def symbol(self, name: str, index: str = "", accent: str = "") -> Any:
        """Return the symbol of `name` at `index`; its name sorts it: rates, weights, states, g."""
        rank = 0 if name == "lr" else 1 if not index else 3 if name == "g" else 2
        key = f"{rank}{name}{accent}@{index}"
        self.letters[key] = (notation.glyph(name, accent), index)
        if self.rule.coordinatewise or name in self.rule.defaults:
            return sympy.Symbol(key)
        size = sympy.Symbol("d", integer=True, positive=True)
        return sympy.MatrixSymbol(key, size, 1 if name in "wg" else size)

    def define(self, name: str, value: Any) -> Any:
        """Note that `name` now stands for `value`, and return the symbol it goes on as."""
        accent = "tilde" if name in self.rule.inputs else ""
        fixed = isinstance(value, sympy.Expr) and not any(
            symbol == STEP or "@t" in symbol.name for symbol in value.free_symbols
        )
        symbol = self.symbol(name, "" if fixed else "t", accent)
        self.equations.append((symbol, value))
        return symbol


def _scalars(rule: Rule, trace: _Trace) -> list[Any]:
    """Return the scalars of the step in terms of t: a long one as a symbol with an equation."""
    if rule.per_step is None:
        return []
    given = [trace.symbol(name) for name in parameters(rule.per_step)[1:]]
    values = _traced(rule.per_step, trace.define)(STEP, *given)
    named = zip(rule.per_step_names, values, strict=True)
    return [value if _is_short(value) else trace.define(name, value) for name, value in named]


def _is_short(value: Any) -> bool:
    return value.count_ops() < SHORT and not value.has(sympy.Piecewise)


def _traced(function: Callable[..., Any], define: Callable[[str, Any], Any]) -> Any:
    """Return `function` with every assignment `x = ...` followed by `x = define("x", x)`."""
    definition = definition_of(function)
    body: list[ast.stmt] = []
    for statement in definition.body:
        body.append(statement)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            body += ast.parse(f"{name} = define({name!r}, {name})").body
    definition.body = body
    scope = {**function.__globals__, **FUNCTIONS, "define": define}
    tree = ast.Module([definition], type_ignores=[])
    exec(compile(tree, f"<{function.__name__}>", "exec"), scope)
    return scope[definition.name]


def _tidy(expression: Any) -> Any:
    """Keep a factor such as 1 - beta together, so that it is written before what it multiplies."""
    if isinstance(expression, sympy.MatrixExpr):
        return expression
    return expression.replace(
        lambda part: part.is_Mul and _varies(part) and any(map(_is_coefficient, part.args)),
        lambda part: part.func(
            *(Coefficient(f) if _is_coefficient(f) else f for f in part.args), evaluate=False
        ),
    )


def _varies(expression: Any) -> bool:
    return any("@t" in symbol.name for symbol in expression.free_symbols)


def _is_coefficient(factor: Any) -> bool:
    return factor.is_Add and not _varies(factor)


class Coefficient(sympy.Symbol):  # type: ignore[misc]  # SymPy has no types
    """A sum of hyper-parameters, in parentheses. SymPy sorts by class name: before any Symbol."""

    def __new__(cls, inner: Any) -> Coefficient:
        """Make the symbol that stands for the sum `inner`, and is typeset from it."""
        made: Coefficient = super().__new__(cls, f"1{inner}")
        made.inner = inner
        return made


def _ordered(terms: list[Any]) -> list[Any]:
    """What was there before first, then what step t brings, then constants; negatives last."""

    def place(term: Any) -> tuple[bool, int]:
        names = [getattr(symbol, "name", "") for symbol in term.free_symbols]
        if any(name.endswith("@t-1") for name in names):
            kind = 0
        elif any(name.endswith("@t") for name in names):
            kind = 1
        else:
            kind = 3 if names else 2
        return term.could_extract_minus_sign(), kind

    return sorted(terms, key=place)


def _element(text: str) -> Any:
    return minidom.parseString(text).documentElement


def _without_entities(text: str) -> str:
    """Write MathML's named characters as themselves, which XML and HTML both read."""
    text = re.sub(r"&(?!lt;|gt;|amp;|quot;)\w+;", lambda match: html.unescape(match[0]), text)
    return text.replace("<mo>-</mo>", "<mo>−</mo>")


def _row(inner: str) -> Any:
    return _element(_without_entities(f"<mrow>{inner}</mrow>"))


class _Latex(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    def __init__(self, letters: dict[str, tuple[notation.Glyph, str]]) -> None:
        super().__init__()
        self.letters = letters

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return _ordered(super()._as_ordered_terms(expr, order=order))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:  # noqa: ARG002
        if isinstance(expr, Coefficient):
            return rf"\left({self._print(expr.inner)}\right)"
        return notation.latex(*self.letters[expr.name]) if expr.name in self.letters else expr.name

    _print_MatrixSymbol = _print_Symbol
    _print_Coefficient = _print_Symbol


class _MathML(MathMLPresentationPrinter):  # type: ignore[misc]  # SymPy has no types
    def __init__(self, letters: dict[str, tuple[notation.Glyph, str]]) -> None:
        super().__init__()
        self.letters = letters

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return _ordered(super()._as_ordered_terms(expr, order=order))

    def _print_Symbol(self, sym: Any, style: str = "plain") -> Any:  # noqa: ARG002
        if isinstance(sym, Coefficient):
            row = self.dom.createElement("mrow")
            for part in ("<mo>(</mo>", None, "<mo>)</mo>"):
                row.appendChild(_element(part) if part else self._print(sym.inner))
            return row
        if sym.name in self.letters:
            text = notation.mathml(*self.letters[sym.name])
        else:
            text = f"<mi>{sym.name}</mi>"
        return _element(text)

    _print_MatrixSymbol = _print_Symbol
    _print_Coefficient = _print_Symbol

    def _print_Product(self, expr: Any) -> Any:
        index, first, last = expr.limits[0]
        parts = (sympy.Eq(index, first, evaluate=False), last)
        below, above = (self._print(part).toxml() for part in parts)
        body = self._print(expr.function).toxml()
        return _row(f"<munderover><mo>∏</mo>{below}{above}</munderover>{body}")

    def _print_Piecewise(self, expr: Any) -> Any:
        rows = ""
        for value, condition in expr.args:
            case = "otherwise" if condition == True else "if "  # noqa: E712
            when = f"<mtext>{case}</mtext>" + (
                self._print(condition).toxml() if case == "if " else ""
            )
            rows += f"<mtr><mtd>{self._print(value).toxml()}</mtd><mtd>{when}</mtd></mtr>"
        return _row(f"<mo>{{</mo><mtable>{rows}</mtable>")

    def _print_Mod(self, expr: Any) -> Any:
        parts = (self.parenthesize(part, 50).toxml() for part in expr.args)
        return _row("<mo>mod</mo>".join(parts))

    def _print_MatAdd(self, expr: Any) -> Any:
        row = self.dom.createElement("mrow")

        def is_negative(term: Any) -> bool:
            return isinstance(term, sympy.MatMul) and term.args[0].could_extract_minus_sign()

        for place, term in enumerate(sorted(_ordered(list(expr.args)), key=is_negative)):
            negative = is_negative(term)
            if place or negative:
                row.appendChild(_element(f"<mo>{'−' if negative else '+'}</mo>"))
            row.appendChild(self._print(-term if negative else term))
        return row
