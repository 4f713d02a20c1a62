"""The assignment desk: pairs fixed by hand, alternatives side by side, and the one that is adopted."""
