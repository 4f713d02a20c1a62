"""What each form of file may not hold, and how its traces are found and left out of a copy.

A form has `faults(data, limits)` and `cleaned(data)`, which returns the copy and the traces that it lacks: finding is
cleaning, so nothing can be found that is not removed.
"""
