"""Badges: when a badge is earned, when it shows, and in which words."""
