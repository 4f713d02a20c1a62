"""What the newsroom wants done again and again."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command

from simsa.web.periodic import Periodic


def publish_scheduled() -> None:
    """Publish what is due, and withdraw what has expired (Wagtail's own command)."""
    call_command("publish_scheduled", verbosity=0)


PERIODIC = (Periodic("newsroom.publish_scheduled", timedelta(seconds=10), publish_scheduled),)
