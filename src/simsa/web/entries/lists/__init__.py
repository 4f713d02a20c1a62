"""Lists on their way into a round: sent, their columns told, looked at, confirmed, and taken back.

What can be listed is a `ListKind`: entries here, and whatever a room to the right declares in `KINDS`.
"""
