"""The operations of the API, as they belong together. `Client` has one of each of these."""
