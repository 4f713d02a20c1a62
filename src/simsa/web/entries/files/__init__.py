"""Evidence as files: how they come in, where they lie, how they are handed out."""
