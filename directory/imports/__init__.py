"""Imports of public registers: reads a file, plans what changes, and applies the plan in batches."""
