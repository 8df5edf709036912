"""Review: the decisions that reviewers make about listings, attestations and disputes."""
