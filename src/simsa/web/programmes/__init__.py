"""Programmes and their rounds: the frozen rules, the stage of a round, and the events that say what was done."""
