"""How the numbers that were reported lie to the points of indicators, before anything is decided by them."""
