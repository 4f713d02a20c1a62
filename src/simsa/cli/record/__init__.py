"""`simsa record` and what is made of a record: bundles, receipts, and their verification."""
