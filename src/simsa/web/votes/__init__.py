"""The public vote of a round: who votes, their ballots, what is put aside, and the count."""
