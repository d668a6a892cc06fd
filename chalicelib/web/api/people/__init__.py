"""Routes about people: accounts, tokens, members, and the log of what was done."""
