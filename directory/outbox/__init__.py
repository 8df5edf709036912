"""The outbox: mail promised in the same transaction as what it tells of, sent after it."""
