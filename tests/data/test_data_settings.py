"""The config's `data:` mapping and the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.problems import DataProblem
from data.settings import read_settings, settings_from


def test_without_a_word_real_data_is_wanted_and_a_stand_in_allowed() -> None:
    settings = settings_from({}, {})
    assert settings.source == "auto"
    assert settings.mirrors == ()
    assert settings.label is None
    assert settings.cache.name == "regrad"


def test_mirrors_of_the_environment_come_first_and_once() -> None:
    settings = settings_from(
        {"mirrors": ["/b", "http://c"]}, {"REGRAD_DATA_MIRROR": "/a, http://c ,"}
    )
    assert settings.mirrors == ("/a", "http://c", "/b")


def test_the_environment_names_the_cache() -> None:
    assert settings_from({}, {"REGRAD_CACHE": "/somewhere"}).cache == Path("/somewhere")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"sorce": "auto"}, r"data.sorce is unknown; did you mean data.source\?"),
        ({"zzz": 1}, "data.zzz is unknown; expected source, mirrors, paths, rcv1 or offline"),
        ({"source": "fake"}, "data.source: found 'fake', expected auto, real or stand-in"),
        ({"offline": "yes"}, "data.offline: found 'yes', expected true or false"),
        ({"mirrors": "/a"}, "data.mirrors: found '/a', expected a list"),
        ({"mirrors": ["ftp://a"]}, "mirror 'ftp://a'.*http://"),
        ({"mirrors": ["http://[a"]}, r"mirror 'http://\[a'"),
        ({"mirrors": ["http://a:b/"]}, "mirror 'http://a:b/'"),
        ({"paths": ["a"]}, "data.paths: found .*, expected a mapping"),
        ({"paths": {"rcv1": 3}}, "data.paths.rcv1: found 3, expected a path"),
        (
            {"rcv1": {"labels": "CCAT"}},
            "data.rcv1.labels is unknown; did you mean",
        ),
        ({"rcv1": {"label": 3}}, "data.rcv1.label: found 3"),
    ],
)
def test_a_mistake_in_the_config_is_named(mapping: dict[str, object], message: str) -> None:
    with pytest.raises(DataProblem, match=message):
        settings_from(mapping, {})


def test_only_the_data_part_of_a_config_is_read(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("other: 3\ndata:\n  source: real\n  rcv1: {label: CCAT}\n")
    settings = read_settings(config)
    assert (settings.source, settings.label) == ("real", "CCAT")


@pytest.mark.parametrize(
    ("text", "message"), [("data: [", "not valid YAML"), ("- a", "expected a mapping")]
)
def test_a_broken_config_is_named(tmp_path: Path, text: str, message: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text)
    with pytest.raises(DataProblem, match=message):
        read_settings(config)


def test_an_absent_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="no such config file"):
        read_settings(tmp_path / "config.yaml")
