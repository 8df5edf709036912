"""What a provider types into the form of a new listing."""

COMPLETE = {
    "kind": "person",
    "name": "Ann Example",
    "npi": "1234567893",
    "addresses-0-line1": "403 Summit Boulevard",
    "addresses-0-city": "Broomfield",
    "addresses-0-state": "CO",
    "addresses-0-postal_code": "80021",
}
"""The required fields, in Broomfield."""
