"""Pages for providers: their listing and their attestation."""
