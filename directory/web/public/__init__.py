"""Pages for patients: search, listings, rules; no account, no cookie."""
