"""The web: one package for each audience, and what they share."""
