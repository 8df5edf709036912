"""Sign-in, registration and the account pages, for all accounts."""
