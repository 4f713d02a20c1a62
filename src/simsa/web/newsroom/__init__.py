"""Floor 4, the newsroom: what the public reads first."""
