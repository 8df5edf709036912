"""The operator's texts: the pages about, privacy, terms and accessibility."""
