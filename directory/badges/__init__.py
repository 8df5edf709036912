"""Badges: which badge a listing shows, its text and art, and its Open Badges credential."""
