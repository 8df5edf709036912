"""Claims: who may manage a listing, with proof; invitations; and requests to take a listing down."""
