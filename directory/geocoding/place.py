"""What a geocoder answers: a place, with its precision."""
