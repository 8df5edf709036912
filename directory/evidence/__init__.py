"""What a provider adds to an answer to back it up, and what a reviewer says to have seen of it."""
