"""A process for reading foreign bytes: `launch` starts and watches it, `walls` are what it shuts itself in."""
