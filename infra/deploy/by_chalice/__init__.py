"""The other route: `chalice deploy`, with what has to come before it and after it."""
