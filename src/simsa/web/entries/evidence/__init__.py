"""Evidence files that somebody handed in: what they are, whether they are safe, what they tell of who made them.

`examine` is the way in. Foreign bytes are read by `worker`, a process of its own behind `sandbox.walls`; `kinds`,
`forms` and `previews` run in there and nowhere else. Nothing here knows the database.
"""

from simsa.web.entries.evidence.examining import Examined, Page, examine
from simsa.web.entries.evidence.findings import Finding, Trace
from simsa.web.entries.evidence.kinds import Kind
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.sandbox.launch import NotNowError, ReadingError, TooLongError
from simsa.web.entries.evidence.scan import ScannerError, check_address

__all__ = [
    "Examined",
    "Finding",
    "Kind",
    "Limits",
    "NotNowError",
    "Page",
    "ReadingError",
    "ScannerError",
    "TooLongError",
    "Trace",
    "check_address",
    "examine",
]
