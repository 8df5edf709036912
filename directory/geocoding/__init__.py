"""An offline geocoder: finds ZIP codes, towns and addresses without a network request."""
