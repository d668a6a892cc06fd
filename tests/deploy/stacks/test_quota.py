"""What is chosen to be at work at once is held against what the account allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from infra.deploy import quota
from infra.deploy.account import Account, Refused
from infra.packaging.template import additions


@dataclass(frozen=True, kw_only=True)
class AccountWith(Account):
    """An account that may run so many functions at once."""

    executions: int

    def client(self, service: str) -> Any:
        return self

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"ConcurrentExecutions": self.executions}}


def check(executions: int, size: str, reserved: str = "no") -> None:
    values = {"Concurrency": size, "ReserveConcurrency": reserved}
    there = AccountWith(id="1", region="x", partition="aws", session=boto3.Session(), executions=executions)
    quota.check(there, quota.at_once(additions(), values), values)


@pytest.mark.parametrize(("executions", "size"), [(10, "small"), (1000, "usual"), (3000, "large")])
def test_a_size_fits_the_account_that_it_is_for(executions: int, size: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(executions, size)
    assert capsys.readouterr().out == ""


def test_a_new_account_is_told_to_choose_less(capsys: pytest.CaptureFixture[str]) -> None:
    check(10, "usual")
    assert "770 functions at once, and this account runs 10 at most" in capsys.readouterr().out


def test_shares_that_an_account_does_not_have_are_refused() -> None:
    check(1000, "usual", "yes")
    with pytest.raises(Refused, match="ReserveConcurrency needs 272 and 100 to spare, and this account may run 10 "):
        check(10, "usual", "yes")
