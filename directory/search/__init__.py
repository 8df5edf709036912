"""Search: what a patient asks for, and the index of what is public."""
