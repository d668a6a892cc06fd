"""The simulator: the real engine over the memory adapters, on a clock that jumps from one event to the next."""
