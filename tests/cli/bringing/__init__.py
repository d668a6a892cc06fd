"""`punctual apply`, `export` and `import`, against the real application on the memory adapters."""
