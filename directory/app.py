"""The application factory: the only module that knows all the others."""
