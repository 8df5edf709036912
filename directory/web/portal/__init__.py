"""Pages for providers: their listings and attestations."""
