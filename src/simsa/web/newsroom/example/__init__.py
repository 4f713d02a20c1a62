"""The newsroom of the demo: the announcement of the reference round, and three more articles, in two languages.

Everything that is invented says so. The pictures are drawn here and show nobody and nothing real. What is told of real
governments sums up facts that were public in 2023 in our own words; it has nothing to do with the synthetic result.
"""

from simsa.web.newsroom.example.loading import load_example

__all__ = ["load_example"]
