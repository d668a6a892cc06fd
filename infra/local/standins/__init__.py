"""What stands in for Lambda, API Gateway, EventBridge and the event source mappings of SQS."""
