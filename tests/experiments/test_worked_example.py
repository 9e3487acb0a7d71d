"""The worked example's steps, against its arithmetic by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from experiments.analyses.worked_example import analyse, steps

CONFIG = Path(__file__).resolve().parents[2] / "config" / "analyses" / "worked_example.yaml"
PROTOCOL = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["analyses"]["worked_example"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.concat(analyse(PROTOCOL), ignore_index=True)


def test_every_quantity_of_both_steps_is_the_rule_s():
    found = steps(np.ones(2), np.array([[4.0, 0.1], [2.0, 0.1]]), 0.1)
    np.testing.assert_allclose(found["accumulated squares"], [[16, 0.01], [20, 0.02]])
    np.testing.assert_allclose(found["factor"], [[0.25, 10], [20**-0.5, 0.02**-0.5]])
    np.testing.assert_allclose(found["move"], [[0.1, 0.1], [0.2 * 20**-0.5, 0.01 * 0.02**-0.5]])
    np.testing.assert_allclose(found["weight"][1], 0.9 - found["move"][1])


def test_every_printed_number_is_the_rule_s_cut_to_its_decimals(table):
    """0.044 is 0.0447 cut, not rounded; all others are either."""
    rows = table[table.figure == "section 3.4.1"]
    printed = rows[rows.series.str.endswith("as printed")]
    assert len(printed) == 14
    for row in printed.itertuples():
        series = row.series.replace("as printed", "by the rule")
        exact = rows[(rows.series == series) & (rows.metric == row.metric) & (rows.x == row.x)]
        unit = 10.0 ** -len(f"{row.value:g}".partition(".")[2])
        assert 0 <= exact.value.iloc[0] - row.value + 1e-12 < unit


def test_a_rare_weight_s_rate_falls_only_at_steps_that_have_its_gradient(table):
    rates = table[table.figure == "effective rates of a common and a rare weight"]
    common = rates[rates.series == "w1, common"].set_index("x").value
    rare = rates[rates.series == "w2, rare"].set_index("x").value
    assert rare.index[0] == 10  # before its first gradient it has no rate
    np.testing.assert_allclose(common, 0.1 / (4 * np.sqrt(common.index)))
    np.testing.assert_allclose(rare, 0.1 / (0.1 * np.sqrt(rare.index // 10)))
