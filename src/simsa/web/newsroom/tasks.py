"""Background work of the newsroom."""

from __future__ import annotations

import logging

from django_tasks import task
from wagtail.images.models import SourceImageIOError

from simsa.web.newsroom.models import NewsPicture
from simsa.web.newsroom.previews import RATIOS
from simsa.web.newsroom.renditions import SHOWN, THUMB

log = logging.getLogger("simsa.newsroom")


@task
def make_renditions(picture: int) -> int:
    """Make every rendition of a picture that is not there yet, one after the other; how many there are now.

    A picture that is gone or cannot be read has none.
    """
    found = NewsPicture.objects.filter(pk=picture).first()
    if found is None:
        return 0
    try:
        return len([found.get_rendition(spec) for spec in (*SHOWN, *THUMB, *RATIOS)])
    except (SourceImageIOError, OSError) as error:
        log.warning("no renditions of picture %s: %s", picture, error)
        return 0
