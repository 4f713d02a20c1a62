"""The office: where programme officers run rounds, and where everybody finds what they are to do."""
