"""Overviews: what an account's tasks have done, will do and cost, counted from bounded reads."""
