"""Squares of the map as ranges of Morton codes."""
