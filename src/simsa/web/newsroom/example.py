"""The newsroom of the demo: the announcement of the reference round, and an article from real facts, in two languages.

Everything that is invented says so. The pictures are drawn here and show nobody and nothing real. The second article
sums up facts that were public in 2023 in our own words; it has nothing to do with the synthetic result.
"""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.files.images import ImageFile
from django.db import transaction
from PIL import Image, ImageDraw, ImageFilter

from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.announcement import announcements, draft_announcement, ensure_section
from simsa.web.newsroom.drafting.references import result_of
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, NewsPicture
from simsa.web.programmes.models import Round

REPORT = uuid.UUID("0d9e4a52-55d8-5a43-9a0d-4f4f3c1f6a77")
"""The translation key of the article from real facts."""

SIZE = (1600, 900)
PAPER, TILE, ACCENT, WARM = "#f2f6f4", "#c5dad4", "#0b6e5f", "#d98f2b"


@dataclass(frozen=True)
class Words:
    """What the demo says in one language."""

    dateline: str
    announcer: str
    quote: str
    speaker: str
    role: str
    tiles: str
    waves: str
    tags: tuple[str, ...]
    title: str
    subheads: tuple[str, ...]
    lead: str
    heading: str
    mission: str
    figure: str
    figure_label: str
    figure_note: str
    ceremony: str
    origin: str
    report_tags: tuple[str, ...]


KOREAN = Words(
    dateline="simsa 시연",
    announcer="simsa 시연(예시)",
    quote="(예시 인용) 이 자리에는 사람이 한 말이 들어갑니다. 초안은 빈칸으로 두고, 담당자가 채웁니다.",
    speaker="예시 화자",
    role="가상 인물, simsa 시연",
    tiles="연한 색 타일이 나란하고 그 가운데 일곱 장만 짙은 초록색인 그림",
    waves="짙은 초록색 물결 위로 주황색 원이 떠 있는 그림",
    tags=("적극행정", "가상 데이터"),
    title="광주 북구, 2023년 상반기 우수 지방자치단체에 이름 올려",
    subheads=("전국 243개 지방자치단체 가운데 7곳 선정", "4월 필리핀·베트남 무역사절단, 현장 계약 170만 달러"),
    lead="광주광역시 북구가 2023년 상반기 우수 지방자치단체 7곳 가운데 하나로 뽑혔습니다. "
    "외부 전문가들이 7월과 8월에 걸쳐 전국 243개 지방자치단체를 평가한 결과입니다.",
    heading="두 나라로 간 무역사절단",
    mission="북구는 2023년 4월 필리핀과 베트남에 무역사절단을 보냈습니다. 현지에서 나눈 상담은 1,830만 달러, "
    "그 자리에서 맺은 계약은 170만 달러에 이르렀습니다.",
    figure="1,830만 달러",
    figure_label="무역사절단이 현지에서 나눈 상담",
    figure_note="2023년 4월, 필리핀과 베트남",
    ceremony="시상식은 2023년 9월 21일 세종에서 열렸습니다. 다음 무역사절단은 같은 해 10월에 떠나기로 했습니다.",
    origin="이 글은 2023년에 공개된 사실을 simsa 시연을 위해 간추린 것입니다. 이 사이트에 있는 가상 평가 결과와는 "
    "관계가 없습니다.",
    report_tags=("광주 북구", "무역사절단"),
)
ENGLISH = Words(
    dateline="simsa demo",
    announcer="The simsa demo (an example)",
    quote="(Example quote) Here stands what a person said. The draft leaves it blank; the press office fills it in.",
    speaker="Example speaker",
    role="invented for the simsa demo",
    tiles="Rows of pale tiles, seven of them dark green",
    waves="Dark green waves under an orange circle",
    tags=("proactive administration", "synthetic data"),
    title="Gwangju's Buk-gu among the excellent local governments of early 2023",
    subheads=(
        "Seven of 243 local governments were chosen",
        "Trade mission in April: contracts worth USD 1.7 million signed on site",
    ),
    lead="Buk-gu, a district of Gwangju, is one of seven local governments that were named excellent for the first "
    "half of 2023. Outside experts evaluated all 243 of them in July and August.",
    heading="A trade mission to two countries",
    mission="In April 2023 the district sent a trade mission to the Philippines and Vietnam. Consultations there "
    "came to USD 18.3 million, and contracts for USD 1.7 million were signed on site.",
    figure="USD 18.3 million",
    figure_label="of consultations during the trade mission",
    figure_note="April 2023, the Philippines and Vietnam",
    ceremony="The award was presented in Sejong on 21 September 2023. The next mission was to leave in October.",
    origin="This article sums up facts that were public in 2023, for the simsa demo. It has nothing to do with the "
    "synthetic result on this site.",
    report_tags=("Gwangju Buk-gu", "trade mission"),
)
WORDS = {"ko": KOREAN, "en": ENGLISH}
GWANGJU = "2900000000"


def load_example(round_: Round) -> None:
    """Publish the demo's articles; those that are there already stay as they are, whatever editors made of them."""
    with transaction.atomic():
        if not announcements(round_):
            _announce(round_)
        if not ArticlePage.objects.filter(translation_key=REPORT).exists():
            _report()


def _announce(round_: Round) -> None:
    """The drafted announcement, its blanks filled in as a press office would, by words that say they are examples."""
    result = result_of(round_)
    if result is None:
        return
    picture = _picture("tiles.png", _tiles(), KOREAN.tiles)
    for language, article in draft_announcement(result, actor="demo").items():
        words = WORDS[language]
        blocks = article.body.get_prep_value()
        quotes = [block for block in blocks if block["type"] == "quote"]
        for block in blocks:
            block["value"] = _filled(block["value"], words)
        article.body = json.dumps([block for block in blocks if block not in quotes[1:]])
        _publish(article, words, picture, words.tiles, words.tags)


def _filled(value: Any, words: Words) -> Any:
    """What stands in a block with the blanks filled in."""
    if isinstance(value, str):
        return value.replace(BLANK, words.announcer)
    if isinstance(value, dict) and BLANK in value.values():
        return {"words": words.quote, "speaker": words.speaker, "role": words.role}
    return value


def _report() -> None:
    picture = _picture("waves.png", _waves(), KOREAN.waves)
    for language, words in WORDS.items():
        section = ensure_section(language)
        article = ArticlePage(
            title=words.title,
            slug="buk-gu-2023",
            subheads=[("subhead", line) for line in words.subheads],
            body=[
                ("paragraph", f"<p>{words.lead}</p>"),
                ("heading", words.heading),
                ("paragraph", f"<p>{words.mission}</p>"),
                ("pull_figure", {"figure": words.figure, "label": words.figure_label, "note": words.figure_note}),
                ("paragraph", f"<p>{words.ceremony}</p>"),
                ("paragraph", f"<p><i>{words.origin}</i></p>"),
            ],
            region=GWANGJU,
            translation_key=REPORT,
            locale=section.locale,
            live=False,
        )
        section.add_child(instance=article)
        _publish(article, words, picture, words.waves, words.report_tags)


def _publish(article: ArticlePage, words: Words, picture: NewsPicture, alt: str, tags: tuple[str, ...]) -> None:
    author, _new = Author.objects.get_or_create(
        slug="simsa-demo", defaults={"name_ko": "simsa 시연", "name_en": "simsa demo"}
    )
    article.dateline = words.dateline
    article.lead_picture, article.lead_alt = picture, alt
    article.authors.add(ArticleAuthor(author=author))
    article.tags.add(*tags)
    article.save_revision(log_action=True).publish()


def _picture(name: str, drawn: Image.Image, description: str) -> NewsPicture:
    data = io.BytesIO()
    drawn.save(data, "PNG", optimize=True)
    data.seek(0)
    picture: NewsPicture = NewsPicture.objects.create(
        title=f"simsa: {name}",
        file=ImageFile(data, name=f"simsa-{name}"),
        description=description,
        credit="simsa",
        generated=True,
    )
    return picture


def _tiles() -> Image.Image:
    """Rows of tiles, seven of them selected."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    chosen = {(3, 2), (7, 1), (10, 4), (14, 3), (18, 6), (21, 2), (24, 5)}
    side, gap = 52, 8
    for row in range(9):
        for column in range(25):
            left, top = 46 + column * (side + gap) - (row % 2) * 6, 186 + row * (side + gap)
            fill = ACCENT if (column, row) in chosen else TILE
            lift = 10 if (column, row) in chosen else 0
            pen.rounded_rectangle((left, top - lift, left + side, top + side - lift), 6, fill=fill)
    return picture


def _waves() -> Image.Image:
    """Waves under a circle."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((1060, 130, 1300, 370), fill=WARM)
    for number, colour in enumerate(("#c5dad4", "#86b5aa", "#3f8f80", ACCENT)):
        top = 420 + number * 110
        for step in range(-1, 9):
            left = step * 240 - (number % 2) * 120
            pen.ellipse((left, top - 60, left + 300, top + 120), fill=colour)
        pen.rectangle((0, top + 40, SIZE[0], SIZE[1]), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(1))
