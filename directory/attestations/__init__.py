"""Attestations: answers to a ruleset's questions, signed by a named person on a certain date."""
