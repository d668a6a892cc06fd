"""Overviews: what an account's tasks have done and will do, counted from bounded reads."""
