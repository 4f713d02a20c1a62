"""The desk of an adaptive round: the next reviews that the rules hold back, why, and giving them out."""
