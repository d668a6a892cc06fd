"""`python -m infra.scale`: what grows with what, what binds when, and a page that says the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from infra.quotas import QUOTAS
from infra.scale import DAY, MINUTE, ON_TIME, SIZES, Size, main

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(arguments)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("arguments", [(), ("--quotas",), ("--tasks", "1000000", "--every", "86400", "--peak", "1440")])
def test_the_page_says_what_the_command_prints(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    missing = [line for line in printed(capsys, *arguments) if line not in PAGE]
    assert missing == [], f"put what `python -m infra.scale {' '.join(arguments)}` prints into docs/scale.md"


def test_shards_follow_the_busiest_window() -> None:
    window = timedelta(seconds=30)
    assert Size(tasks=ON_TIME, every=window, peak=1).shards == 1
    assert Size(tasks=ON_TIME + 1, every=window, peak=1).shards == 2
    assert Size(tasks=1_000_000, every=DAY, peak=1440).shards == pytest.approx(1_000_000 / 2 / ON_TIME, abs=1)


def test_a_busiest_minute_has_no_task_twice_unless_all_have() -> None:
    assert Size(tasks=60, every=DAY, peak=10**9).busiest_second == 1
    assert Size(tasks=60, every=MINUTE / 2).busiest_second == 2


def test_costs_grow_with_runs_and_tasks_and_never_shrink() -> None:
    bills = [size.bill() for size in SIZES]
    assert all(bill.keys() == bills[0].keys() and min(bill.values()) > 0 for bill in bills)
    totals = [sum(bill.values()) for bill in bills]
    assert totals == sorted(totals)


def test_what_binds_is_named_when_it_does() -> None:
    assert Size(tasks=1_000, every=MINUTE).limits() == ["nothing"]
    said = "; ".join(Size(tasks=10**9, every=DAY, peak=100).limits())
    for word in ("concurrent executions", "provisioned mode", "warm throughput", "table-level", "thousand shards"):
        assert word in said
    assert "comes round" in "; ".join(Size(tasks=10_000_000, every=30 * DAY).limits())


def test_every_quota_says_where_it_was_read_and_when() -> None:
    for quota in QUOTAS.values():
        assert quota.source.startswith("https://")
        assert date(2026, 1, 1) < date.fromisoformat(quota.seen) <= date(2026, 12, 31)
        assert quota.default > 0


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5", "9" * 20])
def test_a_size_that_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--tasks", wrong])
    assert ended.value.code == 2
    assert "must be a whole number" in capsys.readouterr().err
