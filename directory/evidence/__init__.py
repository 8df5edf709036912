"""Evidence: notes, links and documents that support an answer, and what reviewers recorded about them."""
