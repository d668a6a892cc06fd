"""The client library of Punctual."""
