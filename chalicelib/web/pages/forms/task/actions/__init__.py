"""The types of action on the form, one module each."""
