"""Listings: a provider's public entry, a person or a clinic, with its locations."""
