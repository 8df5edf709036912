"""Commands for operators, which do not import the web packages."""
