"""Who comes in: people's accounts, and how they prove who they are. What they may do is said by roles (programmes)."""
