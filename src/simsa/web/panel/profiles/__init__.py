"""Pages on which reviewers say what they know and what they would like to score."""
