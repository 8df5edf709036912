"""The settings that admins change, for pages and the API: read at most every few seconds by each worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g

from directory import transaction
from directory.config import Settings
from directory.settings.cache import SettingsCache
from directory.settings.declarations import (
    DISCLOSURE,
    DISCLOSURE_DETAILS,
    OPERATOR,
    OPERATOR_ADDRESS,
    OPERATOR_NAME,
    RELATED_LISTINGS,
)
from directory.settings.queries import SettingValues, StateNotice, setting_values

EXTENSION = "settings_cache"


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator of the directory, as admins set it, or else the environment."""

    environment: Settings

    @property
    def name(self) -> str:
        """The name in the header of each page."""
        return current_settings().text(OPERATOR, OPERATOR_NAME) or self.environment.operator_name

    @property
    def disclosure(self) -> str:
        """The disclosure of interest in the footer of each page."""
        return current_settings().text(OPERATOR, DISCLOSURE) or self.environment.operator_disclosure

    @property
    def details(self) -> str:
        """More about the interest, in paragraphs."""
        return current_settings().text(OPERATOR, DISCLOSURE_DETAILS)

    @property
    def address(self) -> str:
        """The postal address, in lines."""
        return current_settings().text(OPERATOR, OPERATOR_ADDRESS)

    def is_related_to(self, slug: str) -> bool:
        """Return whether the operator said that a listing is related to it."""
        return is_related_to_operator(slug)


def init_app(app: Flask) -> None:
    """Give `app` its settings, which are read at the first request."""

    def read() -> SettingValues:
        with app.app_context(), transaction.independent() as connection:
            return setting_values(connection)

    app.extensions[EXTENSION] = SettingsCache(read)


def current_settings() -> SettingValues:
    """Return the settings, the same for a whole request."""
    if "site_settings" not in g:
        g.site_settings = _cache().current()
    return cast(SettingValues, g.site_settings)


def is_related_to_operator(slug: str) -> bool:
    """Return whether the operator said that a listing is related to it."""
    return slug in current_settings().lines(OPERATOR, RELATED_LISTINGS)


def notices_of_states(states: Iterable[str]) -> tuple[StateNotice, ...]:
    """Return the notices of some states, each once."""
    found = (current_settings().notice(state) for state in dict.fromkeys(states))
    return tuple(notice for notice in found if notice is not None)


def forget_settings() -> None:
    """Read the settings again at the next request of this worker; others do within a few seconds."""
    _cache().forget()


def _cache() -> SettingsCache:
    return cast(SettingsCache, current_app.extensions[EXTENSION])
