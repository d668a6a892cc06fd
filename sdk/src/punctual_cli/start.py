"""Starting: what the installed program calls. Ctrl-C while Python still loads the rest ends it without a word."""

from __future__ import annotations

import importlib
import signal


def start() -> None:
    """Run the command line. A Ctrl-C that is ignored (behind an `&`, say) stays ignored."""
    patient = signal.getsignal(signal.SIGINT)
    if patient is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    commands = importlib.import_module("punctual_cli.main")  # a quarter of a second
    signal.signal(signal.SIGINT, patient)
    commands.main(prog_name="punctual")
