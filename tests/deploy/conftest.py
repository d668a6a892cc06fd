"""The package, built for this machine and unpacked, and its functions at work in an AWS of their own."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import boto3
import pytest

from chalicelib.core.message import parts
from infra.local import engines
from infra.local.choices import Choices, Engine
from infra.packaging.building import Built, build
from infra.packaging.target import MACHINES, Target
from tests.deploy.invoking import InvokeApi
from tests.deploy.lambdas import Function, Place, copy_runtime

STAGE = "dev"
ALLOWED = "sqs:list_queues,kinesis:list_streams"
"""What `aws` actions may call: a service that every package describes, and one that this one does not."""
TRIES, WAIT_SECONDS = 30, 5


def this_machine() -> Target:
    """What a package is built for that runs here."""
    return Target(architecture={machine: name for name, machine in MACHINES.items()}[platform.machine()])


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package, as `make package` makes it."""
    return build(this_machine(), into=tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def task(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked as Lambda does it."""
    folder = tmp_path_factory.mktemp("lambda") / "task"
    with ZipFile(built.archive) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lambda's own runtime, and nothing else of what is installed here."""
    folder = tmp_path_factory.mktemp("runtime")
    copy_runtime(folder)
    return folder


class Deployed:
    """A stage whose functions are at work. Each is started when it is first asked for."""

    def __init__(self, task: Path, runtime: Path, endpoint: str) -> None:
        self._invoking = InvokeApi(self._invoke)
        environment = {"STAGE": STAGE, "AWS_ACTIONS_ALLOWED": ALLOWED, "AWS_ENDPOINT_URL": endpoint}
        environment["AWS_ENDPOINT_URL_LAMBDA"] = self._invoking.endpoint
        self.place = Place(task=task, runtime=runtime, environment=environment)
        self.functions: dict[str, Function] = {}
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        self.sqs = session.client("sqs", endpoint_url=endpoint)

    def function(self, handler: str) -> Function:
        """One of the functions, by its name in app.py."""
        if handler not in self.functions:
            name = f"punctual-{STAGE}-{'api_handler' if handler == 'app' else handler}"
            function = Function(handler=handler, name=name, place=self.place)
            self.functions[handler] = function
            function.start()
        return self.functions[handler]

    def received(self, queue: str, wanted: Callable[[str], bool] = lambda body: True) -> str:
        """The body of the first message on a queue that is wanted, by itself or of a pack, once it is there. Others
        before and beside it are dropped."""
        url = self.sqs.get_queue_url(QueueName=f"punctual-{STAGE}-{queue}")["QueueUrl"]
        for _ in range(TRIES):
            answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=WAIT_SECONDS)
            for message in answer.get("Messages", ()):
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                for body in filter(wanted, parts(message["Body"])):
                    return body
        raise AssertionError(f"nothing that is wanted came to {queue}")

    def stop(self) -> None:
        """End everything."""
        for function in self.functions.values():
            function.stop()
        self._invoking.stop()

    def _invoke(self, name: str, event: Any) -> Any:
        assert name == f"punctual-{STAGE}-sandbox"
        return self.function("sandbox").invoke(event)


@pytest.fixture(scope="module")
def deployed(task: Path, runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The stage."""
    folder = tmp_path_factory.mktemp("state")
    engine = engines.launch(
        Choices(stage=STAGE, port=0, state_dir=folder, fresh=False, engine=Engine.MOTO, endpoint=None)
    )
    stage = Deployed(task, runtime, engine.endpoint)
    yield stage
    stage.stop()
    engine.stop()


@pytest.fixture
def cold(record_property: Callable[[str, object], None]) -> Callable[[Function], None]:
    """Tells the summary how long the start of a function took."""
    return lambda function: record_property(f"cold start of {function.handler}", round(1000 * function.init_seconds))
