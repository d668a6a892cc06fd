"""The table `accounts`: what belongs to people."""
