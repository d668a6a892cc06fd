"""The emulator: moto in a process of its own, with what moto lacks."""
