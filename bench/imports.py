"""`python -m bench.imports`: what each function of the package takes to start, one JSON object per line.

The package is made for this machine and unpacked. A process that sees nothing else loads app.py as the function would:
that is "imports", together with what it loads later. Then it puts its part of the system together and makes its first
client: that is "first client", which the budget does not speak of and a first message waits for all the same. Measured
is processor time, the least of seven rounds in which every function has its turn: a machine that is busy with other
things takes longer, never shorter. The first line is what the three libraries take by themselves that everything
stands on, with nothing prepared for them. It says how fast the machine was; `of_libraries` is what can be compared with
another time.
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

ROUNDS = 7
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
import builtins, importlib, sys, time
sys.path.insert(0, sys.argv[1])
later, inside = 0.0, False
def timed(load):
    def loading(*args, **named):
        global later, inside
        if inside:
            return load(*args, **named)
        inside, begun = True, time.process_time()
        try:
            return load(*args, **named)
        finally:
            inside, later = False, later + time.process_time() - begun
    return loading
begun = time.process_time()
import app
loaded = time.process_time()
builtins.__import__, importlib.import_module = timed(builtins.__import__), timed(importlib.import_module)
{part}
part()
{client}
print(1000 * (loaded - begun + later), 1000 * (time.process_time() - loaded - later), len(sys.modules))
"""
LIBRARIES = """
import sys, time
sys.path.insert(0, sys.argv[1])
begun = time.process_time()
import chalice.app, botocore.session, pynamodb.models
print(1000 * (time.process_time() - begun), 0, len(sys.modules))
"""
Start = tuple[float, float, int]
"""Milliseconds of the processor for imports, and for what comes after them; and how many modules are loaded then."""


def program_of(function: str) -> str:
    """What a process of a function does at its start."""
    return PROGRAM.format(part=PART[function], client="" if function == "sandbox" else FIRST_CLIENT)


def once(folder: Path, program: str, handler: str = "") -> Start:
    """One start."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(folder)],
        env={"_HANDLER": handler, "STAGE": "dev", "AWS_DEFAULT_REGION": "us-east-1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    imports, after, modules = done.stdout.split()
    return float(imports), float(after), int(modules)


def main() -> None:
    """Print the line of the libraries, and two for each function."""
    target = Target(architecture={machine: name for name, machine in MACHINES.items()}[platform.machine()])
    with tempfile.TemporaryDirectory(prefix="imports-") as work:
        folder = Path(work) / "task"
        built = build(target, into=Path(work))
        with ZipFile(built.archive) as packed:
            packed.extractall(folder)
        rounds = [_round(folder) for _ in range(ROUNDS)]
    imports = {name: min(turn[name][0] for turn in rounds) for name in rounds[0]}
    say("imports of libraries", imports["libraries"], modules=rounds[0]["libraries"][2])
    for name in PART:
        of_libraries = round(imports[name] / imports["libraries"], 2)
        must = MUST_MS if name in WORKERS else None
        say(f"imports of {name}", imports[name], must, modules=rounds[0][name][2], of_libraries=of_libraries)
        say(f"first client of {name}", min(turn[name][1] for turn in rounds))


def _round(folder: Path) -> dict[str, Start]:
    """One start of each."""
    return {"libraries": once(folder, LIBRARIES)} | {
        function: once(folder, program_of(function), f"app.{function}") for function in PART
    }


def say(name: str, milliseconds: float, must: int | None = None, **more: float) -> None:
    """Print a line."""
    row = {"name": name, "value": round(milliseconds), "unit": "ms", **more}
    print(json.dumps(row | {"must": must, "stretch": None, "ok": must is None or milliseconds <= must}))


if __name__ == "__main__":
    main()
