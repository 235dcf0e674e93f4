"""The contract of the event file, between writer and reader."""
