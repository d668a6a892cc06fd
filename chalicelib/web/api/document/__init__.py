"""The OpenAPI document: what can be asked, and what is answered."""
