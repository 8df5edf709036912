"""Messages between reviewers and the managers of a listing, with requests for evidence after signing."""
