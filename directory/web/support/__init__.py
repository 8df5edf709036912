"""Code shared by all web packages: requests, errors, headers, limits and templating."""
