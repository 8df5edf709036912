"""The audit log: every decision and every signing, in a chain that shows any later change."""
