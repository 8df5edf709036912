"""Attestations: signed answers to a ruleset's questions, at a date, by a named person."""
