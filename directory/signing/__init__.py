"""The signing keys of this directory, and JSON Web Signatures."""
