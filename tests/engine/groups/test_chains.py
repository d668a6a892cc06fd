"""Members that run one after the other."""

from __future__ import annotations

from itertools import pairwise

from chalicelib.core.groups.group import GroupState
from tests.engine.conftest import ANN
from tests.engine.groups.conftest import Ensemble, calls


def test_each_member_begins_after_the_one_before_and_is_handed_its_result(ensemble: Ensemble) -> None:
    steps = [calls("a"), calls("b", pass_results="first_argument"), calls("c", pass_results="first_argument")]
    group = ensemble.create(*steps, order="chain", then=calls("then"))
    ensemble.play(90)
    assert [name for name, _ in ensemble.performed] == ["a", "b", "c", "then"]
    assert [ensemble.handed[name][0]["args"] for name in ("b", "c")] == [["of a", "b"], ["of b", "c"]]
    assert ensemble.handed["then"][1] == ["of c"]
    assert ensemble.now(group).state is GroupState.SUCCEEDED


def test_a_chain_ends_with_the_first_that_fails(ensemble: Ensemble) -> None:
    ensemble.broken = {"b"}
    group = ensemble.create(calls("a"), calls("b"), calls("c"), order="chain", then=calls("t"), on_failure=calls("r"))
    ensemble.play(90)
    assert [name for name, _ in ensemble.performed] == ["a", "b", "r"]
    assert ensemble.counts(group) == {"succeeded": 1, "failed": 1, "skipped": 1}


def test_a_long_chain_is_called_on_by_passes_now_and_then_so_that_no_function_calls_itself_too_often(
    ensemble: Ensemble,
) -> None:
    group = ensemble.create(*(calls(f"n{number}") for number in range(20)), order="chain")
    ensemble.play(200)
    assert ensemble.counts(group) == {"succeeded": 20}
    starts = [at for _, at in ensemble.performed]
    gaps = [after - before for before, after in pairwise(starts)]
    assert sum(gap.total_seconds() > 1 for gap in gaps) == 2


def test_a_chain_that_is_retried_goes_on_where_it_broke(ensemble: Ensemble) -> None:
    ensemble.broken = {"b"}
    group = ensemble.create(calls("a"), calls("b"), calls("c"), order="chain", then=calls("then"))
    ensemble.play(90)
    ensemble.broken = set()
    ensemble.groups.retry(ANN, group.id)
    ensemble.play(90)
    assert [name for name, _ in ensemble.performed] == ["a", "b", "b", "c", "then"]
    assert ensemble.now(group).state is GroupState.SUCCEEDED
