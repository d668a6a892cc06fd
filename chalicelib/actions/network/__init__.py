"""Where an http action may go, and the connection that it goes by."""
