"""The command line of Punctual: `punctual`, built on `punctual_client`."""
