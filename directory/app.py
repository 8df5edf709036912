"""The application factory, the only module that imports all the others."""

import os

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from directory import config, resources, transaction
from directory.accounts import security
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.claims.domain_lookup import DomainLookup
from directory.config import Settings
from directory.geocoding.gazetteer import open_gazetteer
from directory.search.index import SearchIndex
from directory.web.api.views import blueprint as api
from directory.web.console.views import blueprint as console
from directory.web.portal.claim import blueprint as claims
from directory.web.portal.views import blueprint as portal
from directory.web.public.views import blueprint as public
from directory.web.public.views import preview_listing
from directory.web.signin.account import blueprint as account
from directory.web.signin.library_views import render_library_page
from directory.web.signin.views import blueprint as signin
from directory.web.support import (
    assets,
    compression,
    errors,
    headers,
    limits,
    page_views,
    preview,
    sessions,
    site_settings,
    templating,
)
from directory.web.support.requests import EXTENSION, Services

MAX_BODY_BYTES = 256 * 1024
"""The largest request body, in bytes; arbitrary, many times the size of the longest form."""

_csrf = CSRFProtect()


def create_app(settings: Settings | None = None, *, rulesets: Rulesets | None = None) -> Flask:
    """Create the whole web application.

    Args:
        settings: read from the environment by default.
        rulesets: the published rules; those that ship with the package by default.

    Raises:
        Invalid: a setting cannot be used.
    """
    settings = settings or config.read(os.environ)
    app = Flask(
        "directory",
        template_folder=str(resources.folder("templates")),
        static_folder=str(resources.folder("static")),
    )
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=MAX_BODY_BYTES)
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    templating.init_app(app, settings)
    app.extensions[EXTENSION] = _services(settings, rulesets or bundled_rulesets())
    transaction.init_app(app, settings)
    _init_security(app, settings)
    limits.init_app(app, settings)
    for support in (errors, headers, compression, assets, sessions, page_views, site_settings):
        support.init_app(app)
    _register_blueprints(app)
    preview.init_app(app, preview_listing)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way to add middleware
    return app


def _init_security(app: Flask, settings: Settings) -> None:
    """Set up sign-in and the protection of forms."""
    security.init_app(
        app,
        transaction.session_registry(),
        salt=settings.password_salt,
        base_url=settings.base_url,
        pages=True,
        render=render_library_page,
        second_factor_key=settings.second_factor_key,
        operator_name=settings.operator_name,
    )
    # A token is valid as long as its session, which is stored on the server and replaced at sign-in. Our pages send no
    # referrer, so a check of it would refuse every form over https.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    _csrf.init_app(app)


def _services(settings: Settings, rulesets: Rulesets) -> Services:
    gazetteer = open_gazetteer(settings.places, resources.folder("data") / "places.sqlite")
    index = SearchIndex(settings.search, rulesets, gazetteer.town_points())
    domain_lookup = DomainLookup() if settings.outgoing_requests else None
    return Services(settings, rulesets, gazetteer, index, domain_lookup)


def _register_blueprints(app: Flask) -> None:
    """Register the blueprints. Patients and API clients have no session, so their views need no CSRF token."""
    for blueprint in (public, api, portal, claims, console, account, signin):
        app.register_blueprint(blueprint)
    for stateless in (public, api):
        _csrf.exempt(stateless)
