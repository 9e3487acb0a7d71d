"""Figure 4 and gradients through layers, against torch's automatic differentiation."""

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.analyses.vanishing_gradient import (
    ACTIVATIONS,
    analyse,
    gradient_sizes,
    sigmoid_slope,
    vanishing_edge,
)

PROTOCOL = {
    "interval": [-10, 10], "points": 101, "threshold": 0.05, "printed_edge": 4, "layers": 5,
    "width": 7, "networks": 3, "seed": 0,
}  # fmt: skip


def test_the_derivative_is_below_the_threshold_just_beyond_the_edge_and_not_before():
    edge = vanishing_edge(0.05)
    assert sigmoid_slope(np.array(edge)) == pytest.approx(0.05)
    assert sigmoid_slope(np.array(edge + 0.01)) < 0.05 < sigmoid_slope(np.array(edge - 0.01))
    assert vanishing_edge(0.25) == 0


def test_the_largest_derivative_is_a_quarter_at_zero():
    table = pd.concat(analyse(PROTOCOL), ignore_index=True)
    slopes = table[(table.figure == "figure 4") & (table.series == "derivative")]
    assert slopes.value.max() == 0.25
    assert slopes.x[slopes.value.idxmax()] == pytest.approx(0)
    bound = table[table.series == "bound of the sigmoid's derivatives"]
    np.testing.assert_allclose(bound.value, [0.25**4, 0.25**3, 0.25**2, 0.25, 1])
    assert bound.x.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_sizes_are_those_of_torch_s_gradients(name):
    functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "ReLU": torch.relu}
    generator = np.random.default_rng([0, 2])
    gain = ACTIVATIONS[name][2]
    weights = torch.tensor(generator.normal(0, np.sqrt(gain / 7), (5, 7, 7)))
    signal = torch.tensor(generator.standard_normal(7))
    layers = []
    for weight in weights:
        z = (weight @ signal).requires_grad_()
        z.retain_grad()
        layers.append(z)
        signal = functions[name](z)
    (torch.tensor(generator.standard_normal(7)) * signal).sum().backward()
    sizes = np.array([layer.grad.square().mean().sqrt().item() for layer in layers])
    np.testing.assert_allclose(gradient_sizes(name, PROTOCOL, 2), sizes / sizes[-1], rtol=1e-10)
