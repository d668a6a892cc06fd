"""Deploying a stage, and taking it down: `python -m infra.deploy`."""
