"""`import`: what another scheduler runs, as tasks."""
