"""Sending: who goes first, and what travels together."""
