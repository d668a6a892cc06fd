"""What every table stands on: calls, items and their form."""
