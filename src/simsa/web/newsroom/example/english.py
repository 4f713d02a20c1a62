"""The demo in English."""

from __future__ import annotations

from simsa.web.newsroom.example.words import (
    Section,
    Told,
    Words,
    case,
    chart,
    figure,
    gallery,
    heading,
    listed,
    paragraph,
    picture,
)

MISSION = Told(
    title="Gwangju's Buk-gu among the excellent local governments of early 2023",
    subheads=(
        "Seven of 243 local governments were chosen",
        "Trade mission in April: contracts worth USD 1.7 million signed on site",
    ),
    alt="A ship with containers on green waves under an orange circle",
    body=(
        paragraph(
            "Buk-gu, a district of Gwangju, is one of seven local governments that were named excellent for the first "
            "half of 2023. Outside experts evaluated all 243 of them in July and August."
        ),
        figure("7 of 243", "local governments were named excellent", "First half of 2023"),
        heading("A trade mission to two countries"),
        paragraph(
            "In April 2023 the district sent a trade mission to the Philippines and Vietnam. Consultations there "
            "came to USD 18.3 million, and contracts for USD 1.7 million were signed on site."
        ),
        picture("routes", "Two curves from one point to two others", "From one place to two countries"),
        case(
            "Trade mission to the Philippines and Vietnam",
            "What came of the mission that the district sent to the two countries in April 2023.",
            ("Consultations", "USD 18.3 million"),
            ("Contracts signed on site", "USD 1.7 million"),
        ),
        paragraph("The award was presented in Sejong on 21 September 2023. The next mission was to leave in October."),
        paragraph(
            "<i>This article sums up facts that were public in 2023, for the simsa demo. It has nothing to do with the "
            "synthetic result on this site.</i>"
        ),
    ),
    tags=("Gwangju Buk-gu", "trade mission"),
)

EVALUATED = Told(
    title="How 243 local governments are evaluated in four groups",
    subheads=(
        "17 provinces and metropolitan cities, 75 cities, 82 counties, 69 districts",
        "Outside experts look at four things in July and August",
    ),
    alt="Four blocks of tiles of different size; in each of them one or two are dark green",
    body=(
        paragraph(
            "The proactive administration evaluation covers all 243 local governments of Korea. They differ in size "
            "and in what they do, so they do not stand in one line: there are four groups, and each government is "
            "compared with others of its own."
        ),
        heading("Four groups, seven places"),
        listed(
            "<b>Provinces and metropolitan cities</b>: 1 of 17",
            "<b>Cities</b>: 2 of 75",
            "<b>Counties</b>: 2 of 82",
            "<b>Autonomous districts</b>: 2 of 69",
        ),
        figure("7 of 243", "local governments are selected", "1 + 2 + 2 + 2"),
        heading("Who looks at what, and when"),
        paragraph("Outside experts evaluate in July and August. They look at four things."),
        listed(
            "<b>Promotion of the scheme</b>: whether it was made known and put to use",
            "<b>Protection of officials</b>: whether those who acted of their own accord were protected",
            "<b>Incentives for officials</b>: whether they were rewarded for it",
            "<b>Excellent cases</b>: what was done, and what became better",
        ),
        heading("The model on this site"),
        paragraph(
            "simsa takes this evaluation as its model and writes it down in one file of rules. Groups, quotas and "
            "criteria follow what was announced; weights, scales and roundings are an example's own. Anyone can read "
            '<a href="%(rules)s">the complete rules</a>.'
        ),
        paragraph(
            "<i>All score sheets on this site are synthetic, and nothing here says anything about any government.</i>"
        ),
    ),
    tags=("proactive administration", "method"),
)

CHECKED = Told(
    title="How anyone can check a result on this site",
    subheads=(
        "The fingerprint of the rules, the files of the result, the page of the round",
        "No account is needed: the files that everybody can download are enough",
    ),
    alt="Two squares of the same pattern with a sign of equality between them",
    body=(
        paragraph("A result here does not ask to be believed. It can be checked, in three steps."),
        heading("See that the rules are the same"),
        paragraph(
            'Read the complete <a href="%(rules)s">rules</a> of the round, and download them as a file. The long line '
            "of letters beside them is their fingerprint (SHA-256). The files of the result name the same one, so a "
            "rule that was changed afterwards would be noticed."
        ),
        heading("Compare the files of the result"),
        paragraph(
            'Download the result from <a href="%(round)s">the page of the round</a> as CSV, XLSX or JSON. It holds the '
            "score, the rank, the outcome and the reason of each of the 243 governments; whether ranks and quotas "
            "follow the rules can be seen in any spreadsheet."
        ),
        gallery(
            ("sealed", "A sheet with lines, and a round seal with a tick", "Rules: frozen before the call"),
            ("intervals", "Points with bars; a dashed line under the second", "Result: each score with its doubt"),
        ),
        heading("Read the reasons"),
        paragraph(
            "Every entrant has a sentence that says why it was selected, or why not. The points and bars beside the "
            "official scores are estimates net of the reviewers' severity, with their uncertainty. They are "
            "information and change nothing."
        ),
        chart("The scores of one entrant's group. Synthetic data."),
        paragraph(
            "<i>The round that is on this site now is an example made of synthetic data. A real one is checked the "
            "same way.</i>"
        ),
    ),
    tags=("verification", "synthetic data"),
)

ENGLISH = Words(
    dateline="simsa demo",
    announcer="The simsa demo (an example)",
    quote="(Example quote) Here stands what a person said. The draft leaves it blank; the press office fills it in.",
    speaker="Example speaker",
    role="invented for the simsa demo",
    correction="(Example of a correction) Here stands what was wrong, and what is right. "
    "In this article nothing had to be put right.",
    tiles="Rows of pale tiles, seven of them dark green",
    tags=("proactive administration", "synthetic data"),
    releases="Announcements of results. Those of the demo are made of synthetic data.",
    regions=Section("regions", "Regions", "What local governments do, and what comes of it."),
    explained=Section("explained", "Explained", "How an evaluation works, and how to check it."),
    mission=MISSION,
    evaluated=EVALUATED,
    checked=CHECKED,
)
