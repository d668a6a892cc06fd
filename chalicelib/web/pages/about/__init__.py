"""Pages about the installation: what there is to call, and how it is doing."""

from chalicelib.web.pages.about import dead_letters, functions, nowhere, reference, system

MODULES = (functions, dead_letters, system, reference, nowhere)
