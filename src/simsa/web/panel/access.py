"""Who may list the panel of a round, see who is on it, and how far it has come."""

from __future__ import annotations

import rules

from simsa.web.programmes.access import auditor, officer, staff, with_role
from simsa.web.programmes.models import Kind

rules.add_perm("panel.import_reviewers", officer | staff)
rules.add_perm("panel.view_reviewers", officer | auditor | staff)
rules.add_perm("panel.view_progress", officer | auditor | staff | with_role(Kind.OBSERVER))
