"""The recommended route: two stacks of CloudFormation."""
