"""The record: what is written down so that anyone can check it. So far its canonical form."""

from .canonical import CanonicalError, canonical_bytes, canonical_text, digest, parse_canonical

__all__ = ["CanonicalError", "canonical_bytes", "canonical_text", "digest", "parse_canonical"]
