"""How many functions may be at work at once: what was chosen for a stage, and what its account allows."""

from __future__ import annotations

from collections.abc import Mapping

from infra.deploy.account import Account, Refused
from infra.packaging.template import Template

KEPT_BACK = 100
"""What Lambda keeps of an account's quota for functions that have no share of their own."""
MAPPED = ("Passes", "Light", "Urgent", "Commands", "Sandbox")


def at_once(template: Template, values: Mapping[str, str]) -> dict[str, int]:
    """The numbers of the concurrency that was chosen."""
    numbers: dict[str, int] = template["Mappings"]["Concurrency"][values["Concurrency"]]
    return numbers


def check(account: Account, numbers: Mapping[str, int], values: Mapping[str, str]) -> None:
    """`Refused` where shares are reserved that the account does not have; a warning where all may want more than it."""
    there = account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    reserved = sum(numbers[name] for name in ("Coordinator", "Passes", "Commands", "Sandbox"))
    if values["ReserveConcurrency"] == "yes" and reserved > there - KEPT_BACK:
        raise Refused(
            f"ReserveConcurrency needs {reserved} and {KEPT_BACK} to spare, and this account may run {there} functions "
            "at once: choose no, or ask AWS for more."
        )
    wanted = sum(numbers[name] for name in MAPPED)
    if wanted > there:
        print(f"Mind: the queues may ask for {wanted} functions at once, and this account runs {there} at most.")
        print(
            "What is not taken waits, and may be given up after some tries: choose Concurrency: small, or ask for more."
        )
