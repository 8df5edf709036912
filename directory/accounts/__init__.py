"""User accounts, roles and permissions."""
