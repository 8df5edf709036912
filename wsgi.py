"""The application for any WSGI server; settings come from the environment."""

from directory.app import create_app

app = create_app()
