"""The console script `bma-directory`, and `python -m directory`."""
