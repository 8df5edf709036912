"""Disputes: reports that an answer or a listing is wrong, the provider's answer, and how they were closed."""
