"""What the audiences share: requests, errors, headers, limits and templating."""
