"""The tables and what can be asked of them."""
