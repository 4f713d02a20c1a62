"""Entrants and their entries in a round."""
