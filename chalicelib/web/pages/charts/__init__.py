"""Charts: from what is known to coordinates. Templates of the same names draw them."""
