"""Alerting: what owners are told of their tasks, when, and how often. Everything here decides and changes nothing."""
