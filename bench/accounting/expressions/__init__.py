"""DynamoDB's expression language: conditions, projections, updates."""
