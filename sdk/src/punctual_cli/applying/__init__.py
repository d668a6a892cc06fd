"""`apply` and `export`: tasks as a file, and a file as tasks."""
