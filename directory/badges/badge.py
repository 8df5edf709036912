"""When a badge is earned and when it shows, and the words that go with it."""
