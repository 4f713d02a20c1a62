"""Meetings of the panel on the site: convened, held, watched, and their minutes."""
