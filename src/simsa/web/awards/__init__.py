"""The result of a round: computed from what is in the database, kept exactly, published, and shown to everyone."""
