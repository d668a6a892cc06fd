"""Byte-code: compiled here once, instead of at every cold start of every function.

Nothing can be written where Lambda puts a package, so that a process would compile each module anew. The byte-code says
that its source is not to be looked at ("unchecked hash"): its time means nothing in an archive.

The file also runs by itself, in a process of its own: the result depends a little on what a process did before.
Standard library only, and nothing of its own package.
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
import os
import subprocess
import sys
from pathlib import Path

OURS = ("app.py", "chalicelib")
"""Keep their sources: a traceback shows their lines, and whoever looks into a function reads them."""
UNCHECKED_HASH = (1).to_bytes(4, "little")
"""PEP 552: the byte-code belongs to a source with the hash that follows, which nobody is to look at."""
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def compile_all(folder: Path) -> None:
    """Compile every module below a folder. Of libraries, only the byte-code stays."""
    command = [sys.executable, "-I", __file__, str(folder)]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": "0"})


def compile_ours(folder: Path, source: Path) -> None:
    """Write a module's byte-code beside it, where Python looks for it first."""
    compiled = Path(importlib.util.cache_from_source(str(source)))
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(_byte_code(folder, source, ast.parse(source.read_bytes())))


def compile_library(folder: Path, source: Path) -> None:
    """Write a module's byte-code in its place. Docstrings are a quarter of it, and nobody reads them there."""
    tree = ast.parse(source.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[:1] = [] if len(node.body) > 1 else [ast.copy_location(ast.Pass(), node.body[0])]
    source.with_suffix(".pyc").write_bytes(_byte_code(folder, source, tree))
    source.unlink()


def _byte_code(folder: Path, source: Path, tree: ast.Module) -> bytes:
    code = compile(tree, source.relative_to(folder).as_posix(), "exec", dont_inherit=True, optimize=0)
    digest = importlib.util.source_hash(source.read_bytes())
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + digest + marshal.dumps(code)


def main(folder: Path) -> None:
    """Compile every module below a folder, in the order of their names."""
    for source in sorted(folder.rglob("*.py")):
        ours = source.relative_to(folder).parts[0] in OURS
        (compile_ours if ours else compile_library)(folder, source)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
