"""Groups: tasks that run together or one after the other, and what follows when all of them have ended."""
