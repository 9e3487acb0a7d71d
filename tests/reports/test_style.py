"""The style sheet: enough contrast in both schemes, and every colour of the figures is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reports
from reports.figure_style import PROPERTIES

CSS = (Path(reports.__file__).parent / "templates/report.css").read_text()
SCHEMES = {
    "light": dict(re.findall(r"(--[\w-]+): (#\w{6});", CSS.split("@media")[0])),
    "dark": dict(re.findall(r"(--[\w-]+): (#\w{6});", CSS.split("@media")[1])),
}
# WCAG 2.2: 4.5 for text (1.4.3), 3 for what a figure is read by (1.4.11).
TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *((ink, "--paper", TEXT) for ink in ("--ink", "--soft", "--link", "--refuted")),
    ("--ink", "--raised", TEXT),
    ("--ink", "--caveat-back", TEXT),
    *(
        (f"--{name}", f"--{name}-back", TEXT)
        for name in ("refuted", "caveat", "reproduced", "unknown")
    ),
    *((f"--series-{at}", "--paper", GRAPHIC) for at in range(5)),
]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2's definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_stand_out_in_both_schemes(
    scheme: str, front: str, back: str, least: float
) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[front], colours[back]) >= least


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_colour_of_the_figures_follows_the_scheme(scheme: str) -> None:
    assert set(PROPERTIES.values()) <= set(SCHEMES[scheme])
