"""Three modules of libraries that load much and do nothing in a function, and what stands in their place.

botocore loads its whole documentation builder, an HTML parser in it, to be able to explain the methods of its clients;
urllib3 loads the machinery of package metadata in case somebody wants HTTP/2, which needs a library that is not packed.
Together they take a tenth of the time in which a function starts.
"""

from __future__ import annotations

from pathlib import Path

from infra.packaging.refused import Refused

NOTHING = '"""Left out of this package."""\n'
NO_EXPLANATIONS = NOTHING + "DEPRECATED_SERVICE_NAMES = set()\n"
NO_DOCSTRINGS = '''"""Left out of this package: clients say nothing about their methods."""


class LazyLoadedDocstring(str):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

    def __init__(self, *args, **kwargs):
        super().__init__()


class ClientMethodDocstring(LazyLoadedDocstring):
    pass


class WaiterDocstring(LazyLoadedDocstring):
    pass


class PaginatorDocstring(LazyLoadedDocstring):
    pass
'''
REPLACED = {
    "botocore/docs/__init__.py": NO_EXPLANATIONS,
    "botocore/docs/docstring.py": NO_DOCSTRINGS,
    "urllib3/http2/__init__.py": NOTHING,
}


def replace(folder: Path) -> None:
    """Put these in place of the libraries' own."""
    for name, text in REPLACED.items():
        if not (folder / name).is_file():
            raise Refused(f"{name} is not there any more: infra/packaging/replaced.py has to be looked at.")
        (folder / name).write_text(text, encoding="utf-8")
