"""Conferences that were run elsewhere: exports of HotCRP and OpenReview as the inputs of a round.

    found = read_hotcrp(["data.json", "pcinfo.csv", "allprefs.csv"])
    write_folder(found, "round")

Several files are read together; what each is, its content tells. Reviewers get codes (R001, ...) in the order in which
they are listed: an e-mail address is nobody's code. Every row that cannot be used is named with file, row and field.
"""

from simsa.tables.conference.folder import write_folder
from simsa.tables.conference.gathering import Conference, Member, Submission
from simsa.tables.conference.hotcrp import read_hotcrp
from simsa.tables.conference.openreview import read_openreview
from simsa.tables.conference.scores import ScoreField

__all__ = [
    "Conference",
    "Member",
    "ScoreField",
    "Submission",
    "read_hotcrp",
    "read_openreview",
    "write_folder",
]
