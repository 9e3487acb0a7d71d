"""Which texts of a verdict have no Vietnamese although they are words."""

from __future__ import annotations

import re

from optim import registry
from proofs.translation import SENTENCES, catalogues, translation, words
from proofs.verdict import Verdict

CATALOGUE = catalogues()["vi"]
RULES = [registry.rule(name) for name in registry.names()]
# Names of functions, symbols, hyper-parameters and states are the same in every language.
NAMES = {
    "sqrt", "exp", "log", "sin", "cos", "zoo", "harmonic", "Derivative", "Subs", "_xi_1",
    "n_in", "n_out", "Q_ii", "Q_ij", "Q_jj",
    "eta", "rho", "beta", "gamma", "epsilon", "lambda", "phi", "lam",
    "norm", "sum", "abs", "range", "for", "not",
    *(name for rule in RULES for name in (*rule.defaults, *rule.state)),
}  # fmt: skip


def untranslated(verdict: Verdict) -> list[str]:
    """Sentences that no message of the catalogue fits, and words that it does not have."""
    sentences = [getattr(verdict, name) for name in SENTENCES]
    missing = [text for text in sentences if CATALOGUE.text(text) is None]
    return missing + [
        word
        for word in words(verdict)
        if translation(word, CATALOGUE) is None and not is_mathematics(word)
    ]


def is_mathematics(word: str) -> bool:
    """Whether a text is a formula or a name, in which nothing is to be translated."""
    return all(len(name) < 3 or name in NAMES for name in re.findall(r"[A-Za-z_]\w*", word))
