"""The record: what is written down so that anyone can check it.

In the order of a round: `statements` and `leaves` say what happened, `log` keeps them in a Merkle tree (`merkle`,
`tiles`, `checkpoints`, `notes`), `receipts` are handed to people, `conclusion` and `outcome` state the result, `bundle`
is the one file for everybody, `verification` checks it, and `verifier` is a second one that does the same in a browser.
`folder` keeps a record on files; the site keeps its own in the database.
"""

from .canonical import CanonicalError, canonical_bytes, canonical_text, digest, parse_canonical

__all__ = ["CanonicalError", "canonical_bytes", "canonical_text", "digest", "parse_canonical"]
