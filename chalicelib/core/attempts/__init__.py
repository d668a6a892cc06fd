"""Attempts: which message may begin one, which runs may not overlap, and what follows a failure."""
