"""EventBridge: schedules of EventBridge Scheduler, and scheduled rules of EventBridge."""
