"""What every route stands on: who asks, what may be sent, and how it is answered."""
