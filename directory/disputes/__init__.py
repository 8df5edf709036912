"""Disputes: somebody says that an answer is not what happens, the provider is asked, and a reviewer closes it."""
