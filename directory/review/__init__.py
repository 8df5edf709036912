"""Review: what admins decide, through one door for every decision."""
