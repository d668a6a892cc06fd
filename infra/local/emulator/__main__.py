"""`python -m infra.local.emulator STAGE FOLDER`: moto's server as a process of its own.

Started by `engines.py`. Prints one line: where it listens, or why it will not. Ends when its parent does.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path

import boto3
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from infra import resources
from infra.local.emulator import memory, speed
from infra.local.emulator.application import Emulator, Moto
from infra.local.emulator.journal import Journal, JournalDamaged, JournalInUse


class Handler(MotoRequestHandler):
    """Keeps connections open between requests, and sends an answer in one piece."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True


def main() -> None:
    """Serves until SIGTERM, SIGINT or the end of standard input, which is the end of the parent."""
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    stage, folder = sys.argv[1], Path(sys.argv[2])
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    speed.install()
    try:
        journal = Journal(folder, keep=memory.worth_keeping)
        state = journal.open()
    except (JournalInUse, JournalDamaged, OSError) as error:
        _announce(f"refused {_reason(folder, error)}")
        return
    emulator = Emulator(journal, Moto())
    server = make_server("127.0.0.1", 0, emulator, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, args=(0.1,), name="server", daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    _create_resources(stage, endpoint)
    emulator.restore(state)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _announce(endpoint)
    signal.sigwait(signals)
    server.shutdown()
    emulator.stop()


def _create_resources(stage: str, endpoint: str) -> None:
    session = boto3.Session("local", "local", region_name=memory.REGION)
    clients = (session.client(name, endpoint_url=endpoint) for name in ("dynamodb", "sqs"))
    resources.create(resources.load(stage), *clients)


def _announce(line: str) -> None:
    """The one line for the parent; whatever is printed later goes where errors go."""
    print(line, flush=True)
    os.dup2(2, 1)


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _reason(folder: Path, error: Exception) -> str:
    if isinstance(error, JournalInUse):
        return f"The folder {folder} is in use by another Punctual."
    if isinstance(error, JournalDamaged):
        return f"The state in {folder} is damaged ({error}); FRESH=1 starts empty."
    return f"The folder {folder} cannot be used: {error}."


if __name__ == "__main__":
    main()
