"""The desk: where an entrant's officers write, check and submit their entry."""
