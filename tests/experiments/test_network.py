"""Exercise 5's network and its training, against torch's optimizers and hand arithmetic."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from scipy.special import logsumexp
from torch.nn.functional import cross_entropy

from data.prepared import Images
from experiments.network import (
    MEASURED_TOGETHER,
    Pictures,
    convolutional_network,
    fresh_network,
    generators,
    measure,
    pictures,
    repeatable,
    shifted_and_mirrored,
    train_network,
)
from optim.registry import rule
from optim.schedules import schedule

TORCH = {
    "adagrad": (torch.optim.Adagrad, {"lr": 0.05, "eps": 1e-8}),
    "sgd": (torch.optim.SGD, {"lr": 0.01}),
    "momentum": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.001, "alpha": 0.99, "eps": 1e-8}),
    "adam": (torch.optim.Adam, {"lr": 0.001, "eps": 1e-8}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6}),
}


def some_pictures(n: int = 23, side: int = 8, dtype: torch.dtype = torch.float64) -> Pictures:
    """Images of three classes, each with its own bright row, in noise."""
    generator = np.random.default_rng(0)
    labels = np.arange(n) % 3
    pixels = generator.random((n, 1, side, side)) * 0.5
    pixels[np.arange(n), 0, labels * 2] += 0.5
    return Pictures(torch.tensor(pixels, dtype=dtype), torch.tensor(labels), classes=3)


def train(optimizer: str = "sgd", seed: int = 0, epochs: int = 2, **given):
    images = given.pop("images", some_pictures())
    hyperparameters = given.pop("hyperparameters", TORCH[optimizer][1])
    return train_network(
        images, {"train": images}, rule(optimizer), hyperparameters, seed, epochs=epochs, batch=5,
        **given,
    )  # fmt: skip


def by_torch(made, optimizer, images: Pictures, order, epochs: int) -> list[float]:
    """The mean running loss of each epoch of a loop as in exercise 5's code."""
    running = []
    for _ in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(images.labels), generator=order).split(5):
            optimizer.zero_grad()
            loss = cross_entropy(made(images.pixels[chosen]), images.labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
        running.append(total / len(images.labels))
    return running


@pytest.mark.parametrize("optimizer", TORCH)
@pytest.mark.slow
def test_training_by_a_rule_is_training_by_torch_s_own_optimizer(optimizer):
    images, chosen = some_pictures(), TORCH[optimizer]
    history = train(optimizer, seed=3, epochs=2)
    weights, order, _ = generators(3)
    made = fresh_network(convolutional_network, images, weights)
    expected = by_torch(made, chosen[0](made.parameters(), **chosen[1]), images, order, epochs=2)
    # float64 throughout: ten updates leave rounding only.
    np.testing.assert_allclose(history.running_loss, expected, rtol=1e-10)
    assert history.measured["train"]["loss"][-1] == pytest.approx(measure(made, images)[0], 1e-10)


def test_the_network_has_the_parameters_counted_by_hand():
    """32 kernels of 9 weights on 1 channel, 64 on 32, 7 x 7 x 64 inputs to 128, 128 to 10."""
    made = convolutional_network(28, 28, 10)
    sizes = [parameter.numel() for parameter in made.parameters()]
    assert sizes == [288, 32, 18432, 64, 401408, 128, 1280, 10]
    assert sum(sizes) == 421_642


def test_the_network_is_convolved_pooled_and_multiplied_as_written_down():
    """Zeros around each image, correlation, ReLU, the largest of 2 x 2, twice; then two layers."""
    images = some_pictures(2)
    made = fresh_network(convolutional_network, images, 0)
    first, second, hidden, output = (
        (made.get_parameter(f"{name}.weight").detach().numpy(),
         made.get_parameter(f"{name}.bias").detach().numpy())
        for name in ("first_convolution", "second_convolution", "hidden", "output")
    )  # fmt: skip
    for number, image in enumerate(images.pixels.numpy()):
        maps = image
        for kernels, biases in (first, second):
            summed = [
                sum(
                    correlate2d(one, kernel, "same") for one, kernel in zip(maps, each, strict=True)
                )
                for each in kernels
            ]
            positive = np.maximum(np.array(summed) + biases[:, None, None], 0)
            n, height, width = positive.shape
            maps = positive.reshape(n, height // 2, 2, width // 2, 2).max(axis=(2, 4))
        units = np.maximum(hidden[0] @ maps.ravel() + hidden[1], 0)
        logits = made(images.pixels)[number].detach().numpy()
        np.testing.assert_allclose(logits, output[0] @ units + output[1], rtol=1e-10)  # float64


def test_a_split_is_measured_whole_whatever_is_measured_together():
    images = some_pictures(n=2 * MEASURED_TOGETHER + 7)
    made = fresh_network(convolutional_network, images, 0)
    logits = made(images.pixels).detach().numpy()
    right = logits[np.arange(len(logits)), images.labels]
    loss, accuracy = measure(made, images)
    # float64 sums in another order.
    assert loss == pytest.approx(np.mean(logsumexp(logits, axis=1) - right), rel=1e-12)
    assert accuracy == np.mean(logits.argmax(axis=1) == images.labels.numpy())


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    first, again, other = (train("adam", seed, images=some_pictures(dtype=torch.float32))
                           for seed in (1, 1, 2))  # fmt: skip
    np.testing.assert_array_equal(first.running_loss, again.running_loss)
    np.testing.assert_array_equal(first.measured["train"]["loss"], again.measured["train"]["loss"])
    assert first.running_loss[0] != other.running_loss[0]
    # Before training only the first weights differ.
    assert first.measured["train"]["loss"][0] != other.measured["train"]["loss"][0]


def test_a_diverged_run_is_kept_with_the_step_of_its_first_infinite_loss():
    history = train("sgd", hyperparameters={"lr": 1e200}, epochs=3)
    # The first loss is finite; one update of that rate overflows the second's logits.
    assert history.diverged == 2
    assert math.isfinite(history.measured["train"]["loss"][0])
    assert not np.isfinite(history.running_loss).any()
    assert np.isnan(history.measured["train"]["accuracy"][1:]).all()


def test_a_schedule_s_factor_multiplies_the_rate_from_the_second_step_on():
    """With a factor of zero after the first of five updates an epoch, only one update moves."""
    images = some_pictures()
    history = train(schedule=schedule("step", step_size=1, gamma=0.0), epochs=1)
    weights, order, _ = generators(0)
    made = fresh_network(convolutional_network, images, weights)
    chosen = torch.randperm(len(images.labels), generator=order)[:5]
    cross_entropy(made(images.pixels[chosen]), images.labels[chosen]).backward()
    torch.optim.SGD(made.parameters(), lr=0.01).step()
    # One update in float64 leaves rounding only.
    assert history.measured["train"]["loss"][1] == pytest.approx(measure(made, images)[0], 1e-12)


def test_pictures_are_divided_by_255_and_averaged_over_squares():
    given = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    labels = np.array([4], np.uint8)
    whole, halved = (pictures(Images(given, labels), side=side) for side in (None, 2))
    np.testing.assert_allclose(whole.pixels[0, 0] * 255, given[0], rtol=1e-6)  # float32
    expected = [[(0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4], [10.5, 12.5]]
    np.testing.assert_allclose(halved.pixels[0, 0] * 255, expected, rtol=1e-6)
    assert whole.classes == 5


def test_pictures_smaller_than_the_side_stay_and_odd_ones_are_refused():
    given = Images(np.zeros((2, 8, 8), np.uint8), np.zeros(2, np.uint8))
    assert pictures(given, side=14).pixels.shape == (2, 1, 8, 8)
    with pytest.raises(ValueError, match=r"\(8, 8\) do not average to 3"):
        pictures(given, side=3)


def test_an_image_too_small_for_two_poolings_is_refused():
    with pytest.raises(ValueError, match="expected at least 4 by 4"):
        convolutional_network(3, 8, 10)


def test_augmentation_moves_and_mirrors_whole_images():
    """Each result is one of the 2 x 9 moves and mirrorings that a bright pixel can make."""
    image = torch.zeros(200, 1, 8, 8)
    image[:, 0, 3, 2] = 1.0
    changed = shifted_and_mirrored(image, torch.Generator().manual_seed(0))
    places = {tuple(place) for place in changed[:, 0].nonzero()[:, 1:].tolist()}
    columns = (1, 2, 3, 4, 5, 6)  # 2 and its mirror 5, each moved by up to 1
    assert places == {(row, column) for row in (2, 3, 4) for column in columns}
    assert (changed.sum(dim=(1, 2, 3)) == 1).all()


def test_repeatable_leaves_torch_as_it_was():
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with repeatable():
        assert torch.get_num_threads() == 1
        assert torch.are_deterministic_algorithms_enabled()
    assert before == (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
