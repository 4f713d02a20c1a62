"""Conflicts of interest on the site: declared, challenged, decided, and who takes the place of whom."""
