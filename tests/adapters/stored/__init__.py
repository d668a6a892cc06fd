"""Items of every kind as each version of Punctual has stored them, a folder for each, and what they stand for."""
