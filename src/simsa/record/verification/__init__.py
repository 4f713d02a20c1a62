"""The verifier: everything that a bundle can show is checked again from its bytes."""

from .examining import Progress, verify
from .verdict import NAMES, Answer, Change, Check, Outcome, Verdict, Winner

__all__ = ["NAMES", "Answer", "Change", "Check", "Outcome", "Progress", "Verdict", "Winner", "verify"]
