"""What admins set on pages of the console: operator, notices, replies, words, days and the sender of mail."""
