"""Charts: pure functions from values to coordinates, which the templates draw."""
