"""What is not the store, in memory: clock, queue, mailbox, secrets."""
