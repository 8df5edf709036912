"""Commands for operators; they know no web module."""
