"""The auditor: looks for what should be there and is not, repairs it, and says so. It should never find anything."""
