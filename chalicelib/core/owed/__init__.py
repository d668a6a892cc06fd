"""What is owed: due times of which nothing is recorded yet, and what is recorded of them."""
