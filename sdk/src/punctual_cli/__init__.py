"""The command line of Punctual."""
