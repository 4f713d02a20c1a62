"""simsa: panel evaluations that can be proven fair."""
