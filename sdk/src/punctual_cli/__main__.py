"""`python -m punctual_cli`: the command line where its script is not on the PATH."""

from punctual_cli.start import start

start()
