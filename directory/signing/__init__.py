"""Signing: the keys that speak for this directory, and what they sign."""
