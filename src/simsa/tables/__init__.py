"""Files on one side, what the engine is handed on the other: tables, the mapping of a round, results and reports."""
