"""Looking: what people are shown of an installation and of an account beside its tasks and runs."""
