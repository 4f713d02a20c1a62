"""Search that finds Korean words inside compounds.

Korean writes compounds together and hangs particles and endings on words, so a search for whole words misses most of
what a reader means. Here a query's word counts wherever it occurs in an article's text without its spaces, such as
적극행정 in 적극행정우수기관, and besides as a word that the morphology found, such as 뽑 in 뽑혔다. What stands in the
headline comes first, then subheads and names, then real words before accidents of letters, then the newest.
"""
