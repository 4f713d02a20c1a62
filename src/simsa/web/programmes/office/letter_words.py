"""Letters in words: which one it is, how far it is, and what to do where it did not arrive."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.programmes.models import SentLetter

TEMPLATES = {
    "invitation": pgettext_lazy("which letter", "invitation"),
    "reminder": pgettext_lazy("which letter", "reminder: entry not submitted"),
    "declare": pgettext_lazy("which letter", "reminder: conflicts not declared"),
    "score": pgettext_lazy("which letter", "reminder: sheets not submitted"),
    "seated": pgettext_lazy("which letter", "another entry to score"),
    "withdrawn": pgettext_lazy("which letter", "a place is vacant"),
    "challenge_decided": pgettext_lazy("which letter", "decision on a challenge"),
    "meeting": pgettext_lazy("which letter", "meeting of the panel"),
    "meeting_called_off": pgettext_lazy("which letter", "meeting called off"),
    "meeting_voided": pgettext_lazy("which letter", "meeting voided"),
    "ballot": pgettext_lazy("which letter", "link to vote"),
}
"""What letters are called, by template."""

UNCLEAR = "unclear"
STATES = {
    **{status.value: status.label for status in SentLetter.Status},
    UNCLEAR: pgettext_lazy("letter", "unclear whether it arrived"),
}
"""Every state that a list is filtered by."""

_TODO = {
    SentLetter.Fault.SERVER: _("Whoever runs the installation looks whether the mail server is there (SIMSA_SMTP)."),
    SentLetter.Fault.LOGIN: _(
        "Whoever runs the installation corrects name and password of the mail server (SIMSA_SMTP)."
    ),
    SentLetter.Fault.ADDRESS: _("Look whether the address is right. Correct it, or mark it as not reachable."),
    SentLetter.Fault.REFUSED: _(
        "Whoever runs the installation looks why: the sender's address, or how much it may send."
    ),
    SentLetter.Fault.LOST: _("Ask whether it arrived, and send it again if it did not."),
    SentLetter.Fault.MARKED: _("Once letters reach the address, say so, and send it again."),
    SentLetter.Fault.RETURNED: _("Look whether the address is right. Correct it, or mark it as not reachable."),
    SentLetter.Fault.OTHER: _("Tell whoever runs the installation; the log of the server says more."),
}


def template_words(template: str) -> str:
    """What a letter is called; one that nobody named by its template."""
    return str(TEMPLATES.get(template, template))


def state_of(letter: SentLetter) -> str:
    """A key of `STATES`."""
    return UNCLEAR if letter.is_unclear else letter.status


def trouble(letter: SentLetter) -> tuple[str, str]:
    """What is wrong with a letter, and what to do, in plain words; two empty texts where nothing is."""
    if letter.is_unclear and not letter.fault:
        return str(_("the process that sent it stopped in the middle")), str(_TODO[SentLetter.Fault.LOST])
    if not letter.fault:
        return "", ""
    if letter.status == SentLetter.Status.WAITING:
        return str(letter.get_fault_display()), str(_("It is tried again by itself."))
    return str(letter.get_fault_display()), str(_TODO[SentLetter.Fault(letter.fault)])
