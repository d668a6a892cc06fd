"""What earlier versions stored is read by this one, and every form that is written now has a fixture of its number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pynamodb.models import Model

from chalicelib.adapters.dynamo.ground.schema import FIRST, FORMS, kind_of
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import MemoryStore
from chalicelib.adapters.tables import TABLES
from tests.adapters.conftest import Stage
from tests.adapters.stored.samples import SAMPLES, Sample

FOLDER = Path(__file__).parent
MODELS: dict[str, type[Model]] = {table: model for model, table in TABLES.items()}
NUMBERS = range(FIRST, max(FORMS.values()) + 1)
Row = dict[str, dict[str, Any]]
Shape = frozenset[tuple[str, str]]


def kept(number: int, name: str) -> list[tuple[str, Row]]:
    """The items of a fixture, each with its table."""
    path = FOLDER / f"v{number}" / f"{name}.json"
    if not path.exists():
        return []
    found: dict[str, list[Row]] = json.loads(path.read_text(encoding="utf-8"))
    return [(table, row) for table, rows in found.items() for row in rows]


def shape(row: Row) -> Shape:
    return frozenset((name, next(iter(value))) for name, value in row.items())


def shapes(rows: list[tuple[str, Row]]) -> dict[str, set[Shape]]:
    """The attributes, with their types, of items of each kind."""
    found: dict[str, set[Shape]] = {}
    for table, row in rows:
        found.setdefault(kind_of(MODELS[table], row), set()).add(shape(row))
    return found


def written(stage: Stage) -> list[tuple[str, Row]]:
    return [(table, row) for table in MODELS for row in stage.rows(table)]


KEPT = [(number, sample) for number in NUMBERS for sample in SAMPLES if kept(number, sample.name)]


@pytest.mark.parametrize(("number", "sample"), KEPT, ids=[f"{sample.name}-{number}" for number, sample in KEPT])
def test_an_item_of_every_version_is_read(stage: Stage, dynamo: WholeDynamoStore, sample: Sample, number: int) -> None:
    for table, row in kept(number, sample.name):
        stage.put(table, **row)
    assert sample.read(dynamo) == sample.value


@pytest.mark.parametrize(("kind", "newest"), FORMS.items())
def test_there_is_an_item_of_every_form_that_a_kind_ever_had(kind: str, newest: int) -> None:
    for number in range(FIRST, newest + 1):
        assert kind in {kind_of(MODELS[table], row) for sample in SAMPLES for table, row in kept(number, sample.name)}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_samples_are_what_a_store_reads_back(sample: Sample) -> None:
    memory = MemoryStore()
    sample.write(memory)
    assert sample.read(memory) == sample.value


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_is_written_now_has_the_form_that_its_number_stands_for(
    stage: Stage, dynamo: WholeDynamoStore, sample: Sample
) -> None:
    """Red: an attribute came, went or changed its type. Raise the kind's number in `schema.py`, let the store read the
    older number as well, and add the folder of the new one."""
    sample.write(dynamo)
    for kind, forms in shapes(written(stage)).items():
        assert forms == shapes(kept(FORMS[kind], sample.name))[kind], kind


def test_every_item_says_its_number_and_every_kind_has_a_sample(stage: Stage, dynamo: WholeDynamoStore) -> None:
    for sample in SAMPLES:
        sample.write(dynamo)
    rows = written(stage)
    assert {kind_of(MODELS[table], row) for table, row in rows} == FORMS.keys()
    assert [row for table, row in rows if row.get("v") != {"N": str(FORMS[kind_of(MODELS[table], row)])}] == []


def test_items_without_a_number_are_of_the_first_form() -> None:
    assert [row for sample in SAMPLES for _, row in kept(FIRST, sample.name) if "v" in row] == []
