"""How often the public pages of a listing are opened each month, without anything about who opened them."""
