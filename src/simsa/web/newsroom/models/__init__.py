"""What editors write: front page, sections, articles with their authors, corrections and pictures, and the imprint."""

from simsa.web.newsroom.models.articles import ArticleAuthor, ArticlePage, Correction, SectionPage
from simsa.web.newsroom.models.authors import Author
from simsa.web.newsroom.models.front import HomePage, PublishedRound, PublishesRounds, published_rounds
from simsa.web.newsroom.models.imprint import Imprint
from simsa.web.newsroom.models.pictures import NewsPicture, NewsRendition

__all__ = [
    "ArticleAuthor",
    "ArticlePage",
    "Author",
    "Correction",
    "HomePage",
    "Imprint",
    "NewsPicture",
    "NewsRendition",
    "PublishedRound",
    "PublishesRounds",
    "SectionPage",
    "published_rounds",
]
