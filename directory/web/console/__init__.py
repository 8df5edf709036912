"""Pages for reviewers and admins: the queue and the decisions."""
