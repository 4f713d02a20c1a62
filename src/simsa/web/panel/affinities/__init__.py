"""How well reviewers fit entries: from texts and bids in the background, or from a file."""
