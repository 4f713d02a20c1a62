"""A round's record in a folder of its own: for rounds that are run on files, without a server."""

from .database import Database, RecordError
from .keeping import Record

__all__ = ["Database", "Record", "RecordError"]
