"""The command line: one command per step of the journey, on files, no server needed.

Exit status: 0 done; 1 the input is refused, with the reason on standard error (or as `{"error": ...}` on standard
output with --json); 2 the command was called wrongly; 130 stopped by the user. Nothing is half written: each output
file appears whole or not at all.
"""

from .main import main

__all__ = ["main"]
