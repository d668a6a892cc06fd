"""Groups: started section by section, counted mark by mark, and ended once. Whoever is at it may die at any call."""
