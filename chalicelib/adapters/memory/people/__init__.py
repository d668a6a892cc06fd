"""What belongs to people, in memory."""
