"""The contract of the event file, between who writes and who reads it."""
