"""Who may list the panel of a round."""

from __future__ import annotations

import rules

from simsa.web.programmes.access import officer, staff

rules.add_perm("panel.import_reviewers", officer | staff)
