"""The channel from the jail: frames come out as they went in, and nothing else gets through."""

from __future__ import annotations

import contextlib
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.answers import first_failure, read_answers
from grading.assignment import load
from grading.checks.adagrad_step import CHECK
from grading.jail import Run
from grading.judge import explained
from grading.protocol import FrameReader, MalformedFrame, encode

ARRAYS = (np.array([1.5, -0.0, np.nan]), np.zeros((2, 0)), np.array(7, "i4"), np.array([True]))


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_frames_come_out_as_they_went_in_however_they_are_cut(size):
    stream = encode({"case": 1, "text": "một"}, ARRAYS) + encode({"case": 2})
    reader = FrameReader(max_bytes=10_000)
    cuts = [stream[start : start + size] for start in range(0, len(stream), size)]
    (first, arrays), (second, none) = [frame for cut in cuts for frame in reader.feed(cut)]
    assert (first["case"], first["text"], second["case"], none) == (1, "một", 2, ())
    for received, sent in zip(arrays, ARRAYS, strict=True):
        assert (received.dtype, received.shape) == (sent.dtype, sent.shape)
        assert received.tobytes() == sent.tobytes()


def test_a_stream_longer_than_the_limit_is_refused_before_it_is_kept():
    with pytest.raises(MalformedFrame, match="more bytes"):
        list(FrameReader(max_bytes=100).feed(bytes(101)))
    announced = {"arrays": [{"dtype": "<f8", "shape": [2**20]}]}
    text = json.dumps(announced).encode()
    with pytest.raises(MalformedFrame, match="arrays larger"):
        list(FrameReader(max_bytes=2**20).feed(struct.pack(">I", len(text)) + text))


def test_a_flood_of_empty_frames_ends():
    with pytest.raises(MalformedFrame, match="more frames"):
        list(FrameReader(max_bytes=2**20).feed(encode({}) * 5_000))


WORDS = st.sampled_from(["returned", "raised", "started", "ended", "<f8", "|O", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
KEYS = st.sampled_from(
    ["case", "outcome", "text", "values", "arrays", "sent", "found", "dtype", "shape"]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
DESCRIBED = st.fixed_dictionaries(
    {"dtype": WORDS, "shape": st.lists(st.integers(-1, 3), max_size=5)}
)
HEADERS = JSON | st.fixed_dictionaries(
    {
        "arrays": st.lists(DESCRIBED | JSON, max_size=3),
        "case": st.integers(0, 3) | JSON,
        "outcome": WORDS,
        "values": st.lists(st.just({"sent": True}) | JSON, max_size=3),
        "text": JSON,
    }
)


@settings(max_examples=100, deadline=None)
@given(headers=st.lists(HEADERS, max_size=4), payload=st.binary(max_size=64))
@pytest.mark.slow
def test_no_stream_makes_the_judge_stumble_or_pass_it(headers, payload):
    """Whatever hostile code writes, the judge has an answer to it, and never a right one."""
    texts = [json.dumps(header).encode() for header in headers]
    stream = b"".join(struct.pack(">I", len(text)) + text + payload for text in texts)
    reader = FrameReader(max_bytes=2**20)
    frames = []
    with contextlib.suppress(MalformedFrame):
        frames.extend(reader.feed(stream))
    graded = load("adagrad").checks[0]
    run = Run(True, tuple(frames), "malformed", b"", "junk")
    cases = CHECK.simple_cases[1:5]  # the first is answered by zeros, which junk may well hold
    answers = read_answers(run, CHECK, graded.seconds, len(cases))
    failure = first_failure(CHECK, cases, answers)
    assert failure is not None
    assert failure.cause.isprintable()
    explanation, score, _ = explained(graded, CHECK, cases, answers, len(cases))
    assert isinstance(explanation, str)
    assert score <= graded.points


@settings(max_examples=200, deadline=None)
@given(stream=st.binary(max_size=200))
@pytest.mark.slow
def test_noise_is_refused_or_is_no_frame(stream):
    frames = []
    with contextlib.suppress(MalformedFrame):
        frames.extend(FrameReader(max_bytes=1_000).feed(stream))
    assert frames == []
