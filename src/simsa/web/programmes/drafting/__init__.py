"""Drafts of rules: the text that is frozen in the end, edited value by value, checked, and proposed by two officers."""
