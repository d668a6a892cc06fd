"""Alerts: owners are told what happened to their tasks. Stored first, then sent, then marked as told."""
