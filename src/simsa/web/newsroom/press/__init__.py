"""Articles for the press: as HWPX, PDF and plain text, and a pack with everything that goes with them."""
