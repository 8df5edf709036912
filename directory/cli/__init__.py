"""Commands for operators. They do not import the web packages."""
