"""Other people's training loops: a module for each, which imports its framework."""
