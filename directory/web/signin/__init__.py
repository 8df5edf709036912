"""Signing in and out, for everybody with an account."""
