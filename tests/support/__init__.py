"""Helpers of the tests: fixtures, factories, sample files, databases and the search oracle."""
