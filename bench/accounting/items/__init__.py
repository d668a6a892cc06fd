"""Items as DynamoDB keeps them: their values and their sizes."""
