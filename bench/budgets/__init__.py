"""The budgets, each computed anew: `python -m bench` prints a row for each."""
