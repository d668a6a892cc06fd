"""The deployment package and its CloudFormation template."""
