"""Secrets: named values of an owner, which tasks name and never hold."""
