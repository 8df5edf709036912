"""Rate limits for sign-in and similar forms, but never for a patient's search."""

import hashlib
import hmac
import ipaddress

from flask import Flask, current_app, request
from flask_limiter import Limiter

from directory.config import Settings
from directory.web.support.limit_storage import DATABASE_STORAGE
from directory.web.support.requests import now

SIGN_IN_LIMIT = "20 per minute; 100 per hour"
"""Sign-in attempts per IP address; an arbitrary limit against password guessing."""

KEY_CHARACTERS = 32
"""Hexadecimal characters of a key: 128 bits."""

IPV4_NETWORK_BITS, IPV6_NETWORK_BITS = 24, 48
"""The size of a network that one household or office uses."""


def daily_key(*parts: str) -> str:
    """Return a key for the counters that reveals nothing about `parts`, and is another one every day (UTC)."""
    secret = str(current_app.secret_key).encode()
    text = "\n".join([now().date().isoformat(), *parts])
    return hmac.new(secret, text.encode(errors="replace"), hashlib.sha256).hexdigest()[:KEY_CHARACTERS]


def client_network() -> str:
    """Return the network of the client, /24 in IPv4 and /48 in IPv6; the address as sent if it is none."""
    sent = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(sent)
    except ValueError:
        return sent
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = IPV4_NETWORK_BITS if address.version == 4 else IPV6_NETWORK_BITS
    return str(ipaddress.ip_network((address, bits), strict=False))


def _address_key() -> str:
    return daily_key("address", request.remote_addr or "")


limiter = Limiter(_address_key, headers_enabled=True, strategy="fixed-window")
"""The limiter of all views; a limit counts per IP address unless it has a key of its own."""


def init_app(app: Flask, settings: Settings) -> None:
    """Enable rate limits for `app`; audits and tests that measure something else switch them off in the settings."""
    app.config["RATELIMIT_ENABLED"] = settings.rate_limits
    app.config["RATELIMIT_STORAGE_URI"] = settings.rate_limit_storage or DATABASE_STORAGE
    limiter.init_app(app)
