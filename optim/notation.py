"""How the names in a rule are written in mathematics, as LaTeX and as MathML."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Glyph:
    """A letter: in LaTeX, as text, its fixed subscript, and the mark above it ("hat", "tilde")."""

    latex: str
    text: str
    subscript: str = ""
    accent: str = ""


GLYPHS = {
    "w": Glyph(r"\theta", "θ"),
    "g": Glyph("g", "g"),
    "h": Glyph("H", "H"),
    "lr": Glyph(r"\eta", "η"),
    "eps": Glyph(r"\varepsilon", "ε"),
    "beta1": Glyph(r"\beta", "β", "1"),
    "beta2": Glyph(r"\beta", "β", "2"),
    "alpha": Glyph(r"\alpha", "α"),
    "rho": Glyph(r"\rho", "ρ"),
    "gamma": Glyph(r"\gamma", "γ"),
    "momentum": Glyph(r"\mu", "μ"),
    "momentum_decay": Glyph(r"\psi", "ψ"),
    "decay": Glyph(r"\delta", "δ"),
    "period": Glyph("P", "P"),
    "weight_decay": Glyph(r"\lambda", "λ"),
    "final_lr": Glyph(r"\eta", "η", "*"),
    "top": Glyph("v", "v", accent="hat"),
    "kept": Glyph("k", "k"),
    "ahead": Glyph("a", "a"),
    "behind": Glyph("b", "b"),
    "rectifier": Glyph("r", "r"),
    "average": Glyph("m", "m", accent="hat"),
    "correction": Glyph("c", "c"),
    "correction1": Glyph("c", "c", "1"),
    "correction2": Glyph("c", "c", "2"),
    "longest": Glyph(r"\rho", "ρ", "∞"),
    "length": Glyph(r"\rho", "ρ"),
    "ratio": Glyph("q", "q"),
    "now": Glyph(r"\mu", "μ"),
    "soon": Glyph(r"\mu'", "μ′"),
    "past": Glyph(r"\Pi", "Π"),
    "lower": Glyph("l", "l"),
    "upper": Glyph("u", "u"),
    "move": Glyph(r"\Delta", "Δ"),
    "direction": Glyph("d", "d"),
    "back": Glyph("x", "x"),
}
ACCENTS = {"hat": "^", "tilde": "~"}


def glyph(name: str, accent: str = "") -> Glyph:
    """Return how `name` is written; a name that is not in the list stands for itself."""
    found = GLYPHS.get(name)
    if found is None:
        word = name.replace("_", r"\_")
        found = Glyph(name if len(name) == 1 else rf"\mathrm{{{word}}}", name)
    return dataclasses.replace(found, accent=accent) if accent else found


def latex(letter: Glyph, index: str = "") -> str:
    """Return the LaTeX of a letter with an index such as "t-1"."""
    base = rf"\{letter.accent}{{{letter.latex}}}" if letter.accent else letter.latex
    subscript = ",".join(part for part in (letter.subscript, index) if part)
    subscript = subscript.replace("∞", r"\infty")
    return f"{base}_{{{subscript}}}" if subscript else base


def mathml(letter: Glyph, index: str = "") -> str:
    """Return the presentation MathML of a letter with an index such as "t-1"."""
    base = f"<mi>{letter.text}</mi>"
    if letter.accent:
        base = f'<mover accent="true">{base}<mo>{ACCENTS[letter.accent]}</mo></mover>'
    parts = []
    if letter.subscript:
        parts.append(f"<mn>{letter.subscript}</mn>")
    if index:
        parts.append(_index(index))
    if not parts:
        return base
    return f"<msub>{base}<mrow>{'<mo>,</mo>'.join(parts)}</mrow></msub>"


def _index(index: str) -> str:
    first, minus, rest = index.partition("-")
    return f"<mi>{first}</mi>" + (f"<mo>−</mo><mn>{rest}</mn>" if minus else "")
