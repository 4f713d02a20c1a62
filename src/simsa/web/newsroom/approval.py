"""What follows the last approval of an article."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import ValidationError

logger = logging.getLogger(__name__)


def publish_approved(workflow_state: Any, user: Any = None) -> None:
    """Publish what has been approved, unless something has to be put right first.

    It then stays a draft, and the editor's page and the log say what is missing.
    """
    from wagtail.workflows import publish_workflow_state  # noqa: PLC0415 (named in the settings: models are not there yet)

    try:
        publish_workflow_state(workflow_state, user=user)
    except ValidationError as error:
        logger.warning("approved, but not published: %s: %s", workflow_state.content_object, "; ".join(error.messages))
