"""Shapes: what the contract's request bodies look like. Validation and the OpenAPI document are both made from these.

Each field's description completes the sentence "must be …", so that a refusal says what would be right.
"""
