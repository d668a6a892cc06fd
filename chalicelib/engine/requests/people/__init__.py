"""What people ask for about themselves: accounts, tokens, limits, and the log of what was done."""
