"""The API: what programs do with a round, by the verbs and permissions that pages have."""
