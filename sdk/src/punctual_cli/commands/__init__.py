"""The commands, each in the module that is named after what it is about."""
