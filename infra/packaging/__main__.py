"""`python -m infra.packaging` (`make package`): writes dist/deployment.zip and dist/template.json.

Reads `ARCHITECTURE` (arm64 or x86_64), `SERVICES` (AWS services that `aws` actions call, separated by commas) and
`DIST` (the folder to write into).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.packaging import archive
from infra.packaging.building import PROJECT, build
from infra.packaging.refused import Refused
from infra.packaging.target import ARM, Target

SHOWN = 12
"""Parts of the archive, the largest."""


def main() -> int:
    """Make the package and say what is in it; 2 where it cannot be made."""
    services = [name.strip() for name in os.environ.get("SERVICES", "").split(",") if name.strip()]
    try:
        target = Target(architecture=os.environ.get("ARCHITECTURE") or ARM)
        built = build(target, into=Path(os.environ.get("DIST") or PROJECT / "dist"), services=services)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    parts = archive.sizes(built.archive)
    print(f"{built.archive}: {built.archive.stat().st_size:,} bytes, Python {target.version}, {target.architecture}")
    for name, size in list(parts.items())[:SHOWN]:
        print(f"  {size:>9,}  {name}")
    print(f"  {sum(list(parts.values())[SHOWN:]):>9,}  everything else")
    print(built.template)
    return 0


if __name__ == "__main__":
    sys.exit(main())
