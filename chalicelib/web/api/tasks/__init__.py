"""Routes about tasks."""
