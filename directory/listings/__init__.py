"""The public listings of providers, persons or clinics, with their locations."""
