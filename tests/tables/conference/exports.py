"""The same small conference as HotCRP and as OpenReview export it: three submissions, three reviewers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VENUE = "Small.org/2026/Conference"
HOTCRP: dict[str, str] = {
    "small-data.json": json.dumps(
        [
            {
                "object": "paper",
                "pid": 1,
                "title": "On marks",
                "status": "submitted",
                "topics": ["Fairness", "Panels"],
                "authors": [{"name": "Ada", "email": "Ada@example.org"}],
                "pc_conflicts": {"bo@example.org": "collaborator", "cy@example.org": False},
            },
            {"object": "paper", "pid": 2, "title": "=On sums", "status": "submitted", "topics": {"Panels": True}},
            {"object": "paper", "pid": 3, "title": "On lots", "status": "submitted"},
            {"object": "paper", "pid": 4, "title": "Gone", "status": "withdrawn"},
        ]
    ),
    "small-pcinfo.csv": (
        "given_name,family_name,email,affiliation,roles,collaborators,follow,topic: Fairness,topic: Panels\n"
        "Ada,Lovelace,ada@example.org,North,pc,,none,2,-1\n"
        "Bo,Bae,Bo@example.org,South,pc chair,,none,,\n"
        "Cy,Cho,cy@example.org,,pc,,none,0,4\n"
        "Root,,root@example.org,,sysadmin,,none,,\n"
    ),
    "small-allprefs.csv": (
        "paper,title,given_name,family_name,email,conflict,preference,expertise,topic_score\n"
        "1,On marks,Cy,Cho,cy@example.org,,20,X,5\n"
        "2,=On sums,Bo,Bae,bo@example.org,,-10,,\n"
        "3,On lots,Bo,Bae,bo@example.org,conflict,,,\n"
        "3,On lots,Cy,Cho,cy@example.org,,,,30\n"
    ),
    "small-reviews.csv": (
        "paper,title,review,reviewername,email,Overall merit,Confidence,Comments for authors\n"
        "1,On marks,1A,Cy Cho,cy@example.org,4,2,Good\n"
        "2,=On sums,2A,Bo Bae,bo@example.org,2,3,\n"
        "2,=On sums,2B,Dee,dee@example.org,1,,Hm\n"
    ),
    "small-pcassignments.csv": (
        "paper,action,email,round,title\n"
        "3,primary,ada@example.org,R1,On lots\n"
        "2,clearreview,all,,=On sums\n"
        "2,conflict,ada@example.org,,=On sums\n"
    ),
}


def note(number: int, key: str, content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A submission in version 2 of the API."""
    return {
        "id": key,
        "forum": key,
        "number": number,
        "invitations": [f"{VENUE}/-/Submission", f"{VENUE}/-/Edit"],
        "content": {name: {"value": value} for name, value in content.items()},
        **more,
    }


def review(key: str, paper: str, number: int, signed: str, **content: Any) -> dict[str, Any]:
    return {
        "id": key,
        "forum": paper,
        "replyto": paper,
        "invitations": [f"{VENUE}/Submission{number}/-/Official_Review"],
        "signatures": [signed],
        "content": {name: {"value": value} for name, value in content.items()},
    }


def edge(kind: str, head: str, tail: str, **more: Any) -> dict[str, Any]:
    return {"invitation": f"{VENUE}/Reviewers/-/{kind}", "head": head, "tail": tail, **more}


ANON = f"{VENUE}/Submission1/Reviewer_aB3d"
OPENREVIEW: dict[str, str] = {
    "notes.json": json.dumps(
        {
            "notes": [
                note(
                    1, "nA1", {"title": "On marks", "authorids": ["~Ada_Lovelace1"], "venueid": f"{VENUE}/Submission"}
                ),
                note(2, "nB2", {"title": "On sums", "primary_area": "sums", "keywords": ["a", "b"]}),
                {  # version 1
                    "id": "nC3",
                    "forum": "nC3",
                    "number": 3,
                    "replyto": None,
                    "invitation": f"{VENUE}/-/Blind_Submission",
                    "content": {"title": "On lots"},
                },
                note(4, "nD4", {"title": "Gone", "venueid": f"{VENUE}/Withdrawn_Submission"}),
                review("r1", "nA1", 1, ANON, rating="8: accept, good paper", confidence=4, review="Good"),
                review("r2", "nB2", 2, "~Bo_Bae2", rating="3: reject", confidence=2, strengths="Some"),
                {"id": "c1", "forum": "nA1", "replyto": "nA1", "invitations": [f"{VENUE}/-/Public_Comment"]},
            ],
            "count": 7,
        }
    ),
    "groups.json": json.dumps(
        [
            {"id": f"{VENUE}/Reviewers", "members": ["~Ada_Lovelace1", "~Bo_Bae2", "~Cy_Cho1"]},
            {"id": ANON, "members": ["~Cy_Cho1"]},
            {"id": f"{VENUE}/Submission1/Reviewers", "members": [ANON]},
        ]
    ),
    "edges.jsonl": "\n".join(
        json.dumps(one)
        for one in (
            edge("Affinity_Score", "nA1", "~Cy_Cho1", weight=0.75),
            edge("Affinity_Score", "nB2", "~Bo_Bae2", weight=0.5),
            edge("Affinity_Score", "nC3", "~Bo_Bae2", weight=0.25),
            edge("Bid", "nC3", "~Bo_Bae2", label="Very High"),
            edge("Bid", "nC3", "~Cy_Cho1", label="High"),
            edge("Conflict", "nB2", "~Ada_Lovelace1", weight=-1),
            edge("Assignment", "nC3", "~Ada_Lovelace1", weight=1),
            edge("Custom_Max_Papers", f"{VENUE}/Reviewers", "~Bo_Bae2", weight=2),
        )
    ),
    "profiles.json": json.dumps(
        {
            "profiles": [
                {
                    "id": "~Bo_Bae2",
                    "content": {
                        "names": [{"fullname": "배보"}],
                        "history": [{"institution": {"name": "South", "domain": "south.example"}}],
                    },
                }
            ]
        }
    ),
}


def put(folder: Path, files: Mapping[str, str]) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]
