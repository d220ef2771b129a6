"""Fuzzing of all that reads a stranger's bytes: `python -m benchmarks.fuzz`, or `make fuzz`."""
