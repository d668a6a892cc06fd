"""Remedies: what to do about a run that did not succeed, in words for whoever owns its task.

The error of a run says what happened; this says what helps. A test holds the table against every code that the engine
and the actions can give.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.run import RunError, RunStatus

REMEDIES: Mapping[str, str] = {
    # The action ran, and failed.
    "exit_code": "The command itself ended with an error: the last lines of its output usually say which. Mend the "
    "command or what it needs, then retry.",
    "function_raised": "The function itself failed: the traceback at the end of its output says where. Mend it, deploy "
    "it, then retry.",
    "unexpected_status": "The address answered, but not as the task expects. Look at the answer in the result; if it "
    "is right after all, add its status to the expected ones of the task.",
    "aws_error": "AWS refused the call: the sentence is its own. Check the parameters of the task, and whether the "
    "worker's role may do this.",
    "timeout": "It was stopped when its time was over. If it needs longer, give the task a longer timeout; if it "
    "hangs, the end of its output says where.",
    "worker_lost": "The worker stopped in the middle, which a deployment or a lack of memory can bring about. What the "
    "action had done by then stays done: check that, then retry.",
    # What it calls could not be reached.
    "connection_failed": "The host could not be reached: check its name, that it is up, and that it may be reached "
    "from here. Then retry.",
    "tls_failed": "No secure connection came about: the certificate of the host has run out or is of another name, or "
    "its protocol is too old. That can be mended over there only.",
    "too_many_redirects": "The address sends its callers round in a circle: give the task the address where it ends.",
    "redirect_refused": "The address leads to another one that a task must not call: give the task the address that is "
    "meant.",
    "address_refused": "Tasks call addresses of the public internet only. On an installation of your own, "
    "ALLOW_PRIVATE_TARGETS opens the private ones.",
    "port_refused": "Tasks call ports of web servers only: let what is called listen on one of those.",
    # The definition asks for something that cannot be.
    "invalid_request": "The request cannot be sent as the task has it: edit its address and headers.",
    "invalid_signing_secret": "The signing secret has no form that a key can have: give it a new value, then retry.",
    "invalid_parameters": "AWS knows no call with these parameters: edit them, by the names that boto3 has.",
    "unknown_operation": "Edit the task: its service or operation is none that is packed into this installation.",
    "unknown_function": "The function is not there any more, or its module could not be loaded. Deploy it again under "
    "this name, or edit the task.",
    "invalid_arguments": "The function takes other arguments by now: edit the task, by the function's signature.",
    "task_broken": "The schedule makes no sense any more; its time zone may not be known here: edit it.",
    "not_allowed": "This needs a right that the task's owner does not have, or that is not listed for this "
    "installation: ask an admin.",
    "secret_missing": "Put the secret again under the name that the task has for it, then retry.",
    "secrets_unavailable": "The store of secrets did not answer. Retry when it does; if it never does, the worker's "
    "role may not be allowed to read there.",
    # It was not started.
    "overlap": "Nothing is wrong: the task says that its runs must not overlap, and one was still at work. If that is "
    "so every time, run it less often, or make it faster.",
    "replaced": "Nothing is wrong: the task says that a new run takes the place of one that is still at work.",
    "waiting": "Nothing to do: it starts when the run before it has ended.",
    "retried": "Nothing to do: another attempt starts in a moment.",
    "paused": "Resume the task if it is to run again. What was due meanwhile can be made up for with a backfill.",
    "edited": "Nothing is wrong: by the schedule as it is now, this is no due time.",
    "deleted": "The task is gone, and this is all that is left to know of it.",
    "cancelled": "Retry it if it is to run after all.",
    "group_cancelled": "Its group was cancelled. Retry the group if it is to run after all.",
    "skipped_by_owner": "Put it back if it is to run after all.",
    "grace": "It could not be started in time, because everything was busy or down. Retry it if it still makes sense; "
    "a longer grace in the task lets such runs start late.",
    "misfire": "The scheduler was held up, and the task's policy does not make up for it. Retry it if it still makes "
    "sense, or let the task catch up on all of them.",
    "too_old": "The next attempt would have come too late by the task's own limit. Retry it if it still makes sense.",
    "dead_letter": "No worker could take its message, several times over: that is a fault of the installation, whose "
    "log says more. Retry it once the cause is gone.",
    # Our own trouble.
    "results_not_read": "The results of its group could not be read, and most often that passes: retry it.",
    "sandbox_failed": "The place where commands run broke, and most often that passes: retry it. If it comes again, "
    "the command may need more memory than it has.",
    "action_broke": "Something broke on our side while this ran; the log names it under this run's id. Retry it.",
}
UNSAID: Mapping[RunStatus, str] = {
    RunStatus.FAILED: "Look at its output, mend what it says, then retry.",
    RunStatus.TIMED_OUT: REMEDIES["timeout"],
    RunStatus.MISSED: REMEDIES["misfire"],
    RunStatus.LOST: REMEDIES["worker_lost"],
}
"""For a run whose code is none that is known here: what an earlier or a later version has recorded."""


ANOTHER = "Another attempt is made without you."
"""Before what to do about a run that has not failed for good."""


def remedy(status: RunStatus, error: RunError | None) -> str:
    """What to do about a run; empty where there is nothing to be said."""
    known = "" if error is None else REMEDIES.get(error.code, "")
    if status is RunStatus.RETRYING:
        return f"{ANOTHER} If it fails as well: {known}" if known else ANOTHER
    return known or UNSAID.get(status, "")
