"""`python -m bench.imports`: what each function of the package takes to start, one JSON object per line.

The package is made for this machine and unpacked. A process that sees nothing else loads app.py as the function would,
puts its part of the system together and makes its first client. Measured is processor time, the least of five: a
machine that is busy with other things takes longer, never shorter.
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


def once(folder: Path, function: str) -> tuple[float, int]:
    """Milliseconds of the processor that one start takes, and how many modules are loaded then."""
    program = PROGRAM.format(part=PART[function], client="" if function == "sandbox" else FIRST_CLIENT)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(folder)],
        env={"_HANDLER": f"app.{function}", "STAGE": "dev", "AWS_DEFAULT_REGION": "us-east-1"},
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
        for function in PART:
            milliseconds, modules = min(once(folder, function) for _ in range(TIMES))
            row = {"name": f"imports of {function}", "value": round(milliseconds), "unit": "ms", "modules": modules}
            ok = milliseconds <= MUST_MS or function not in WORKERS
            print(json.dumps(row | {"must": MUST_MS if function in WORKERS else None, "stretch": None, "ok": ok}))


if __name__ == "__main__":
    main()
