"""Sign-in and sign-out for all accounts."""
