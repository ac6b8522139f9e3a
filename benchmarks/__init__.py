"""Figures about nixlint's speed and memory, each a command: `python -m benchmarks --help`."""
