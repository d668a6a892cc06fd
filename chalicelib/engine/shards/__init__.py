"""What a pass stands on: the lease of its shard, the jump over an outage, and tasks read for a page."""
