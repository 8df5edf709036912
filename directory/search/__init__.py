"""Patients' search: the query, the filters, and an index of public listings."""
