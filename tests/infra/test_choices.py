"""What the environment chooses, and how a choice that makes no sense is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local.choices import Choices, Engine, Refused, read


def test_nothing_chosen_is_the_whole_system_with_an_emulator_of_its_own() -> None:
    assert read({}) == Choices(
        stage="local", port=8000, state_dir=Path(".local"), fresh=False, engine=Engine.MOTO, endpoint=None
    )


def test_everything_can_be_chosen() -> None:
    chosen = {"STAGE": "dev", "PORT": "0", "STATE_DIR": "/tmp/x", "FRESH": "1", "ENGINE": "ministack"}
    assert read(chosen) == Choices(
        stage="dev", port=0, state_dir=Path("/tmp/x"), fresh=True, engine=Engine.MINISTACK, endpoint=None
    )


def test_an_endpoint_takes_the_place_of_an_engine() -> None:
    given = read({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "ENGINE": "ministack"})
    assert (given.engine, given.endpoint) == (Engine.GIVEN, "http://127.0.0.1:4566")


@pytest.mark.parametrize("empty", ["PORT", "STATE_DIR", "FRESH", "ENGINE", "AWS_ENDPOINT_URL", "STAGE"])
def test_an_empty_variable_chooses_nothing(empty: str) -> None:
    assert read({empty: ""}) == read({})


def test_fresh_can_be_switched_off() -> None:
    assert not read({"FRESH": "0"}).fresh


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT must be a number from 0 to 65535, not 'eighty'."),
        ({"PORT": "65536"}, "PORT must be a number from 0 to 65535, not '65536'."),
        ({"PORT": "٨"}, "PORT must be a number from 0 to 65535, not '٨'."),
        ({"ENGINE": "dynamite"}, "ENGINE must be moto or ministack, not 'dynamite'."),
        ({"ENGINE": "given"}, "ENGINE must be moto or ministack, not 'given'."),
        ({"AWS_ENDPOINT_URL": "localhost:4566"}, "AWS_ENDPOINT_URL must be like http://127.0.0.1:4566, not "),
        ({"AWS_ENDPOINT_URL": "http://x", "FRESH": "1"}, "FRESH=1 empties only what is started here, "),
        ({"REGISTRATION": "maybe"}, "REGISTRATION must be open, first or closed."),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_in_one_sentence(chosen: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read(chosen)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
