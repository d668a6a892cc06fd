"""Pages about the installation: what there is to call, and how it is doing."""

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
