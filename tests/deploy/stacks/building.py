"""The app stack's template as `make package` makes it, without what takes long: the libraries in the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.packaging.template import additions, finished

ROOT = Path(__file__).parents[3]
Template = dict[str, Any]
CHALICE = """
import time
waits = time.sleep
time.sleep = lambda seconds: waits(min(seconds, 0.1))
from chalice.cli import main
main()
"""
"""Chalice waits for AWS, five seconds at a time; an emulator is never so slow."""


def project(folder: Path) -> Path:
    """A copy of what Chalice packages, which needs no library: it is deployed, and not run."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "app.py", folder)
    shutil.copytree(ROOT / "chalicelib", folder / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".chalice").mkdir()
    for path in (ROOT / ".chalice").glob("*.json"):
        shutil.copy(path, folder / ".chalice")
    (folder / "requirements.txt").write_text("", encoding="utf-8")
    return folder


def chalice(place: Path, *arguments: str, **environ: str) -> None:
    """Run a command of Chalice's in a project, without the settings and the account of whoever runs the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "STAGE"}
    environ = {**clean, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", **environ}
    command = [sys.executable, "-c", CHALICE, *arguments]
    done = subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def package(place: Path, stage: str = "dev") -> Path:
    """The folder with the package of a project: code and finished template."""
    merged, folder = place / "additions.json", place / f"package-{stage}"
    merged.write_text(json.dumps(additions()), encoding="utf-8")
    chalice(place, "package", "--stage", stage, "--merge-template", str(merged), str(folder))
    template = finished(json.loads((folder / "sam.json").read_text(encoding="utf-8")))
    (folder / "template.json").write_text(json.dumps(template), encoding="utf-8")
    return folder


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of a template's functions, by the names that app.py gives them."""
    found = (r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function")
    return {each["FunctionName"]["Fn::Sub"].removeprefix("punctual-${Stage}-"): each for each in found}


def mapping(function: dict[str, Any]) -> dict[str, Any] | None:
    """How a function reads its queue."""
    for event in function.get("Events", {}).values():
        if event["Type"] == "SQS":
            properties: dict[str, Any] = event["Properties"]
            return properties
    return None
