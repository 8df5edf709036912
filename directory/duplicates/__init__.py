"""Duplicates: pairs of listings that may be the same provider, with a score and reasons; a person decides."""
