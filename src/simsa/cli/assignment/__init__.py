"""What `simsa assign` does, in its order.

`inputs`: what one call asks for; `checks`: what does not go together; `posing`: from files and rules to a problem;
`ways`: from the problem to an assignment; `questions`: why, what if; `outcome`, `proof`, `words`: what comes out, for
programs and for people; `advice`: why limits cannot be met and what would help; `help`: the options by what they are
about.
"""
