"""A secret on its way through the whole system: from the API into a request and a command, and nowhere else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

from tests.actions.serving import Server, answer, saying
from tests.e2e.person import Person, in_, registered
from tests.infra.stacks import running

VALUE = "s3cret/value+of ann"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def headers_of(request: str) -> dict[str, str]:
    lines = request.partition("\n\n")[0].splitlines()[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_secrets_reach_an_action_sign_its_requests_and_are_not_kept(tmp_path: Path) -> None:
    echo = answer(body=json.dumps({"authorization": VALUE}))
    with Server(saying(echo)) as server, running(STATE_DIR=str(tmp_path), ALLOW_PRIVATE_TARGETS="1") as stack:
        ann = registered(stack)
        ann.ask("PUT", "/api/secrets/api-key", {"value": VALUE})
        ann.ask("PUT", "/api/secrets/signing", {"value": KEY})
        call = {
            "type": "http",
            "method": "POST",
            "url": f"http://127.0.0.1:{server.port}/hook",
            "headers": {"Authorization": {"secret": "api-key"}},
            "body": {"token": {"secret": "api-key"}, "n": 1},
            "signing": {"secret": "signing"},
        }
        command = {"type": "command", "command": 'printf %s "$KEY" | tee /dev/stderr | base64', "env": {}}
        command["env"] = {"KEY": {"secret": "api-key"}}
        tasks = [ann.create("a task", action, {"type": "once", "at": in_(2)}) for action in (call, command)]
        runs = [ann.ended(task)[0] for task in tasks]
        assert [run["status"] for run in runs] == ["succeeded", "succeeded"]
        assert runs[0]["output"] == '{"authorization": "[secret api-key]"}'
        assert runs[1]["output"].replace("\n", "") in ("[secret api-key]" * 2,)
        _check_signed(server.requests[0], runs[0]["id"])
        assert stack.stop() == 0
    logs = [path.read_bytes() for path in tmp_path.glob("*.log")]
    assert logs
    assert not any(VALUE.encode() in log or KEY.encode() in log for log in logs)
    _check_there_again(tmp_path, ann.token)


def _check_signed(request: str, run_id: str) -> None:
    headers, body = headers_of(request), request.partition("\n\n")[2]
    assert headers["authorization"] == VALUE
    assert json.loads(body) == {"token": VALUE, "n": 1}
    content = f"{run_id}.{headers['webhook-timestamp']}.{body}".encode()
    digest = hmac.new(base64.b64decode(KEY.removeprefix("whsec_")), content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def _check_there_again(folder: Path, token: str) -> None:
    with running(STATE_DIR=str(folder)) as stack:
        ann = Person(stack, token)
        listed = [one["name"] for one in ann.ask("GET", "/api/secrets")["items"]]
        assert listed == ["api-key", "signing"]
        task = ann.create(
            "again",
            {"type": "command", "command": "echo $KEY", "env": {"KEY": {"secret": "api-key"}}},
            {"type": "once", "at": in_(1)},
        )
        assert ann.ended(task)[0]["output"] == "[secret api-key]\n"
        assert stack.stop() == 0
