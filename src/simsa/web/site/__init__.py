"""Floor 5, the building's shell: settings, addresses, base templates, look, accounts, server and its commands."""
