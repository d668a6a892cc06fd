"""The recommended route: two stacks. What is kept is in one that stays, what works on it in one that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.deploy import quota
from infra.deploy.account import Account
from infra.deploy.asking import agreed
from infra.deploy.choosing import Chosen
from infra.deploy.schedules import bring
from infra.deploy.stacks import upload
from infra.deploy.stacks.left_behind import refuse_to_make_again
from infra.deploy.stacks.stack import Proposal, Source, Stack
from infra.resources import TEMPLATE

LONGEST_LIST = 60
"""Lines of a plan; the first deployment has more."""
STAYING = (
    "the tables and queues of punctual-{stage}-* and their stack, punctual-{stage}-data",
    "secrets, in Parameter Store below /punctual/{stage}/secrets/",
    "the packages in the bucket {bucket}",
)


DONE, DECLINED = 0, 1
"""Exit statuses."""


def deploy(account: Account, chosen: Chosen, folder: Path, bucket: str) -> int:
    """Show what would change, ask, change it, and say where it is; the exit status."""
    made = upload.package(folder)
    values = chosen.parameters(made.template)
    quota.check(account, quota.at_once(made.template, values), values)
    app = app_stack(account, chosen)
    for stack in (data_stack(account, chosen), app):
        stack.check()
    upload.make_bucket(account, bucket)
    source = upload.upload(account, bucket, chosen.stage, made)
    planned = [
        (data := data_stack(account, chosen), propose_data(account, data, chosen)),
        (app, app.propose(source, values)),
    ]
    print(f"Stage {chosen.stage}, account {account.id}, region {account.region}, package s3://{bucket}/{chosen.stage}/")
    if not carry_out([(stack, proposal) for stack, proposal in planned if proposal is not None], values):
        return DECLINED
    status = bring(account, chosen)
    creates = any(proposal is not None and proposal.creates for _, proposal in planned)
    print(welcome(app.outputs()["EndpointURL"], values["Registration"], new=creates))
    return status


def data_stack(account: Account, chosen: Chosen) -> Stack:
    """The stack of what is kept. Nothing of it goes with it."""
    return Stack(account, chosen.data_stack, deletion=f"delete the stack {chosen.data_stack}")


def app_stack(account: Account, chosen: Chosen) -> Stack:
    """The stack of what works on it."""
    return Stack(account, chosen.app_stack, deletion=f"say `make destroy STAGE={chosen.stage}`")


def propose_data(account: Account, stack: Stack, chosen: Chosen) -> Proposal | None:
    """What would change of what is kept. Where its stack is gone, what it kept has stayed, and cannot be made anew."""
    if not stack.is_there():
        refuse_to_make_again(account, chosen)
    return stack.propose(Source(body=TEMPLATE.read_text(encoding="utf-8")), {"Stage": chosen.stage})


def carry_out(planned: list[tuple[Stack, Proposal]], values: Mapping[str, str]) -> bool:
    """Show the changes, ask once, and make them in order. False: the answer was no, and nothing was changed."""
    if not planned:
        print("Nothing has changed.")
        return True
    for stack, proposal in planned:
        print("\n".join(plan(stack, proposal, values)))
    if not agreed("Make these changes?"):
        for stack, proposal in planned:
            stack.drop(proposal)
        return False
    for stack, proposal in planned:
        print(f"{stack.name} ...", flush=True)
        stack.make(proposal)
    return True


def plan(stack: Stack, proposal: Proposal, values: Mapping[str, str]) -> Iterator[str]:
    """What a stack would do, in lines."""
    yield f"{stack.name}: {'a new stack' if proposal.creates else 'changes'}, {len(proposal.changes)} resources"
    before = stack.parameters()
    for name in sorted(before.keys() & values.keys()):
        if before[name] != values[name]:
            yield f"  {name}: {before[name] or 'nothing'} becomes {values[name] or 'nothing'}"
    lines = sorted(str(change) for change in proposal.changes)
    yield from (f"  {line}" for line in lines[:LONGEST_LIST])
    if len(lines) > LONGEST_LIST:
        yield f"  and {len(lines) - LONGEST_LIST} more"


def welcome(url: str, registration: str, *, new: bool = True) -> str:
    """Where the installation is, and how somebody gets into a new one."""
    if not new:
        return f"\nPunctual is at {url}"
    first = {
        "first": f"The first account becomes the admin, and then nobody else can register: do it now, at {url}register",
        "open": f"Anybody can register at {url}register",
        "closed": "Nobody can register; an admin invites people.",
    }
    return f"\nPunctual is at {url}\n{first[registration]}"


def destroy(account: Account, chosen: Chosen, bucket: str) -> int:
    """Say what goes and what stays, ask, and delete the app stack; the exit status."""
    stack = app_stack(account, chosen)
    if stack.described() is None:
        print(f"There is no stack {stack.name} in {account.region}: nothing to do.")
        return DONE
    kinds = stack.resources()
    functions, logs = kinds["AWS::Lambda::Function"], kinds["AWS::Logs::LogGroup"]
    print(f"Goes: the stack {stack.name} with its API, {functions} functions, {logs} logs, and what fires them.")
    print("\n".join("Stays: " + line.format(stage=chosen.stage, bucket=bucket) for line in STAYING))
    if not agreed(f"Delete the stack {stack.name}?"):
        return DECLINED
    stack.delete()
    print(f"{stack.name} is gone. `make deploy STAGE={chosen.stage}` brings it back to the same tasks and runs.")
    return DONE
