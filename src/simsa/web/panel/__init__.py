"""The panel: reviewers, conflicts of interest, the assignment, and the sheets."""
