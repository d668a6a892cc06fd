"""What of the dependencies is never needed in Lambda, and stays behind."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

NOT_NEEDED = tuple(
    re.compile(pattern)
    for pattern in (
        r"bin/.*",
        r"tools/.*",  # cron-descriptor's own, for whoever translates it
        r".*\.(pyi|pyx|pxd|c|h)$",
        r".*/py\.typed$",
        r"(.*/)?__pycache__/.*",
        r"(.*/)?tests?/.*",
        r".*/examples-1\.json$",
        r"[^/]+\.dist-info/(?!METADATA$|licenses/|(LICEN[CS]E|NOTICE|AUTHORS|COPYING)[^/]*$).*",
        r"botocore/data/.*",  # described.py packs what is in use
        r"boto3/(data|examples)/.*",  # the same
        r"aws_lambda_powertools/event_handler/.*",
        r"aws_lambda_powertools/utilities/(?!(__init__|jmespath_utils/.*)\.py$).*",
        r"cron_descriptor/locale/(?!en_US).*",
        r"(urllib3/(contrib/emscripten|contrib/pyopenssl|contrib/socks|http2/connection)|dateutil/(tz/win|tzwin))\b.*",
        r"tzdata/zoneinfo/[^/]+\.(zi|tab)$",  # lists of zones, for people
        r"dateutil/zoneinfo/.*\.tar\.gz$",  # zones come from tzdata
    )
)
"""Paths below the folder of the dependencies. Licences go where their code goes."""


def needed(path: str) -> bool:
    """Whether a file of the dependencies is packed.

    >>> needed("icalendar/cal/event.py"), needed("icalendar/tests/test_event.py")
    (True, False)
    """
    return not any(pattern.fullmatch(path) for pattern in NOT_NEEDED)


def copy(dependencies: Path, into: Path) -> None:
    """Copy what is needed of the dependencies."""
    for path in sorted(dependencies.rglob("*")):
        name = path.relative_to(dependencies)
        if path.is_file() and needed(name.as_posix()):
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into / name)
