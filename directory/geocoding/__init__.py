"""Geocoding: from what somebody typed to a place on the map, without asking anybody else."""
