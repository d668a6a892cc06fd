"""`python -m bench.imports`: what each function of the package takes to start, one JSON object per line.

The package is made for this machine and unpacked. A process that sees nothing else loads app.py as the function would,
puts its part of the system together and makes its first client. Measured is processor time, the least of five: a
machine that is busy with other things takes longer, never shorter. The first line is what the three libraries take by
themselves that everything stands on: it says how busy the machine was.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

from infra.packaging.building import build
from infra.packaging.target import MACHINES, Target

TIMES = 5
MUST_MS = 150
"""For a worker. The others have to be as quick, but nobody waits for them to the second."""
WORKERS = ("light", "urgent", "commands")
PART = {
    "app": "from chalicelib.bootstrap.requests import system as part",
    "sandbox": "part = lambda: None",
    **{name: f"from chalicelib.bootstrap.{name} import the_{name} as part" for name in ("coordinator", "dispatcher")},
    "auditor": "from chalicelib.bootstrap.auditor import the_auditor as part",
    **dict.fromkeys(WORKERS, "from chalicelib.bootstrap.worker import the_worker as part"),
}
"""How each function gets at its own part of the system."""
FIRST_CLIENT = "from chalicelib.bootstrap.ports import session; session().create_client('dynamodb')"
PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[1])
begun = time.process_time()
import app
{part}
part()
{client}
print(1000 * (time.process_time() - begun), len(sys.modules))
"""
LIBRARIES = """
import sys, time
sys.path.insert(0, sys.argv[1])
begun = time.process_time()
import chalice.app, botocore.session, pynamodb.models
print(1000 * (time.process_time() - begun), len(sys.modules))
"""


def program_of(function: str) -> str:
    """What a process of a function does at its start."""
    return PROGRAM.format(part=PART[function], client="" if function == "sandbox" else FIRST_CLIENT)


def once(folder: Path, program: str, handler: str = "") -> tuple[float, int]:
    """Milliseconds of the processor that one start takes, and how many modules are loaded then."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(folder)],
        env={"_HANDLER": handler, "STAGE": "dev", "AWS_DEFAULT_REGION": "us-east-1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    milliseconds, modules = done.stdout.split()
    return float(milliseconds), int(modules)


def main() -> None:
    """Print a line for each function."""
    target = Target(architecture={machine: name for name, machine in MACHINES.items()}[platform.machine()])
    with tempfile.TemporaryDirectory(prefix="imports-") as work:
        folder = Path(work) / "task"
        built = build(target, into=Path(work))
        with ZipFile(built.archive) as packed:
            packed.extractall(folder)
        say("libraries", [once(folder, LIBRARIES) for _ in range(TIMES)], None)
        for function in PART:
            starts = [once(folder, program_of(function), f"app.{function}") for _ in range(TIMES)]
            say(function, starts, MUST_MS if function in WORKERS else None)


def say(name: str, starts: list[tuple[float, int]], must: int | None) -> None:
    """Print the quickest of some starts."""
    milliseconds, modules = min(starts)
    row = {"name": f"imports of {name}", "value": round(milliseconds), "unit": "ms", "modules": modules}
    print(json.dumps(row | {"must": must, "stretch": None, "ok": must is None or milliseconds <= must}))


if __name__ == "__main__":
    main()
