"""A CloudFormation stack: what would change, and then the change itself."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from infra.deploy.account import Account, Failed, Refused

NEW = "REVIEW_IN_PROGRESS"
"""The state of a stack for which changes were proposed and never made."""
REMEDIES = {
    "ROLLBACK_COMPLETE": "its creation failed: {delete}, then deploy again",
    "ROLLBACK_FAILED": "its creation failed: {delete}, then deploy again",
    "CREATE_FAILED": "its creation failed: {delete}, then deploy again",
    "DELETE_FAILED": "its deletion failed: delete it again, and look at its events if that fails",
    "UPDATE_ROLLBACK_FAILED": "say `aws cloudformation continue-update-rollback`, then deploy again",
}
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
POLL = {"Delay": 2, "MaxAttempts": 900}
"""Seconds: half an hour in all."""
BEGUN = "User Initiated"
"""What the event says with which a change of the stack begins."""
SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """What would happen to one resource."""

    action: str
    name: str
    type: str
    replaced: bool = False

    def __str__(self) -> str:
        kind = self.type.removeprefix("AWS::").replace("::", " ")
        return f"{SIGNS.get(self.action, '?')} {self.name} ({kind})" + (" is REPLACED" if self.replaced else "")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Changes that a stack is ready to make."""

    id: str
    creates: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a template is: at an address in S3, or here."""

    url: str | None = None
    body: str | None = None

    def request(self) -> dict[str, str]:
        """How CloudFormation is told."""
        return {"TemplateURL": self.url} if self.url is not None else {"TemplateBody": self.body or ""}


class Stack:
    """One stack of an account, whether it is there or not."""

    def __init__(self, account: Account, name: str, *, deletion: str) -> None:
        """`deletion` says how somebody deletes it."""
        self.name = name
        self._cloudformation = account.client("cloudformation")
        self._deletion = deletion

    def described(self) -> dict[str, Any] | None:
        """What CloudFormation says of the stack; None: it is not there."""
        try:
            found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                return None
            raise
        return None if found["StackStatus"] == "DELETE_COMPLETE" else found

    def is_there(self) -> bool:
        """Whether it has been made."""
        found = self.described()
        return found is not None and found["StackStatus"] != NEW

    def parameters(self) -> dict[str, str]:
        """The parameters that it has now."""
        found = self.described() or {}
        return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}

    def outputs(self) -> dict[str, str]:
        """What the stack says of itself."""
        found = self.described() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def resources(self) -> Counter[str]:
        """How many resources of each type it has."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return Counter(each["ResourceType"] for page in pages for each in page["StackResourceSummaries"])

    def check(self) -> None:
        """`Refused` where nothing can be changed now."""
        status = (self.described() or {"StackStatus": NEW})["StackStatus"]
        if status in REMEDIES:
            raise Refused(f"The stack {self.name} is in {status}: {REMEDIES[status].format(delete=self._deletion)}.")
        if status.endswith("_IN_PROGRESS") and status != NEW:
            raise Refused(f"The stack {self.name} is in {status}: wait until that is over.")

    def propose(self, source: Source, parameters: Mapping[str, str]) -> Proposal | None:
        """What would change; None: nothing would."""
        self.check()
        creates = not self.is_there()
        change_set = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{uuid.uuid4()}",
            ChangeSetType="CREATE" if creates else "UPDATE",
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Capabilities=CAPABILITIES,
            **source.request(),
        )["Id"]
        try:
            self._wait("change_set_create_complete", ChangeSetName=change_set, WaiterConfig={"Delay": 1})
        except WaiterError as error:
            self._drop_empty(change_set, str(error.last_response.get("StatusReason", error)))
            return None
        return Proposal(id=change_set, creates=creates, changes=tuple(self._changes(change_set)))

    def _drop_empty(self, change_set: str, reason: str) -> None:
        self._cloudformation.delete_change_set(ChangeSetName=change_set)
        if not any(words in reason for words in NO_CHANGE):
            raise Refused(f"CloudFormation cannot change the stack {self.name}: {reason.removesuffix('.')}.")

    def _changes(self, change_set: str) -> Iterator[Change]:
        pages = self._cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
        for found in (each["ResourceChange"] for page in pages for each in page["Changes"]):
            yield Change(
                action=found["Action"],
                name=found["LogicalResourceId"],
                type=found["ResourceType"],
                replaced=found.get("Replacement") == "True",
            )

    def make(self, proposal: Proposal) -> None:
        """Make the changes, and wait until they are made; `Failed` with what went wrong first."""
        self._cloudformation.execute_change_set(ChangeSetName=proposal.id)
        self._finish("stack_create_complete" if proposal.creates else "stack_update_complete")

    def drop(self, proposal: Proposal) -> None:
        """Leave everything as it is."""
        self._cloudformation.delete_change_set(ChangeSetName=proposal.id)
        if proposal.creates:
            self._cloudformation.delete_stack(StackName=self.name)

    def delete(self) -> None:
        """Delete the stack, and wait until it is gone."""
        self._cloudformation.delete_stack(StackName=self.name)
        self._finish("stack_delete_complete")

    def _finish(self, waiter: str) -> None:
        try:
            self._wait(waiter, StackName=self.name, WaiterConfig=POLL)
        except WaiterError as error:
            raise Failed(f"The stack {self.name} failed: {self._first_failure()}.") from error

    def _wait(self, waiter: str, **request: Any) -> None:
        self._cloudformation.get_waiter(waiter).wait(**request)

    def _first_failure(self) -> str:
        """Why the last change failed. Events come newest first; what follows the first failure is only cancelled."""
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        failures = []
        for event in events:
            own = event["LogicalResourceId"] == self.name
            if own and event.get("ResourceStatusReason") == BEGUN:
                break
            if event["ResourceStatus"].endswith("_FAILED") and not own:
                failures.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
        return failures[-1].removesuffix(".") if failures else "its events say why"
