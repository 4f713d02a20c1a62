"""Who may list the entries of a round."""

from __future__ import annotations

import rules
from simsa.web.programmes.access import officer, staff

rules.add_perm("entries.import_entries", officer | staff)
