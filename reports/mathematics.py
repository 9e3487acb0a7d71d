"""What may pass as mathematics unescaped: the elements and commands that formulae are made of."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from reports.language import how

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_ELEMENTS = {
    "math", "mfrac", "mi", "mn", "mo", "mover", "mrow", "msqrt", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munderover", "mroot",
}  # fmt: skip
_ATTRIBUTES = {
    "accent": r"true", "columnalign": r"[a-z ]+", "display": r"block", "displaystyle": r"true",
    "style": r"text-align: (left|right)",
}  # fmt: skip
_COMMANDS = {
    "alpha", "beta", "gamma", "delta", "Delta", "eta", "theta", "lambda", "mu", "Pi", "psi",
    "rho", "varepsilon", "infty", "begin", "end", "bmod", "frac", "hat", "left", "right",
    "mathbb", "mathrm", "max", "min", "operatorname", "prod", "sqrt", "text", "tilde",
}  # fmt: skip
_BLOCKS = {"aligned", "cases"}


def refused_mathml(source: object) -> str:
    """Why `source` is not plain presentation MathML; "" where it is."""
    if not isinstance(source, str) or "<!" in source or "<?" in source:
        return how("what is not a MathML element")
    try:
        root = ElementTree.fromstring(source)
    except ElementTree.ParseError as problem:
        return how("what is not XML: {problem}", problem=problem)
    for element in root.iter():
        name = str(element.tag).removeprefix(_NAMESPACE)
        if name not in _ELEMENTS:
            return how("the element '{name}'", name=name)
        for key, value in element.attrib.items():
            if not re.fullmatch(_ATTRIBUTES.get(key, "(?!)"), value):
                return how("the attribute {key}='{value}'", key=key, value=value)
    return "" if root.tag == f"{_NAMESPACE}math" else how("another root than math")


def refused_latex(source: object) -> str:
    """Why `source` is not a formula of the known commands; "" where it is."""
    if not isinstance(source, str):
        return how("what is not text")
    commands = re.findall(r"\\([A-Za-z]+|.)", source, re.DOTALL)
    for command in commands:
        if command not in _COMMANDS and command not in "\\:,;{}_'":
            return how("the command \\{command}", command=command)
    for block in re.findall(r"\\(?:begin|end)\{([^}]*)\}", source):
        if block not in _BLOCKS:
            return how("the environment '{name}'", name=block)
    plain = re.sub(r"\\\\|\\[{}]", "", source)
    if re.search(r"[$#%~\x00]|\^\^", plain) or plain.count("{") != plain.count("}"):
        return how(
            "a character that means something outside of formulae, or braces that do not pair"
        )
    return ""
