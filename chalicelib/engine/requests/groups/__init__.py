"""Groups as their owners ask for them: made, looked at, cancelled and retried."""
