"""The queues and what can be asked of them."""
