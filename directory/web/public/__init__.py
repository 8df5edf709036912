"""Public pages for patients: search, listings, rules, verification and badges; no account and no cookie."""
