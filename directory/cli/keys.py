"""The commands `keys create`, `keys rotate` and `keys list`, which manage the signing keys."""

import os

import click

from directory import config
from directory.cli.installation import report_errors
from directory.config import Settings
from directory.errors import Conflict
from directory.signing import keys as signing
from directory.signing.keys import SETTING_NAME, Keyring


@click.group()
def keys() -> None:
    """The keys that sign credentials and the audit log's heads, stored in BMA_HOME/keys/signing."""


@keys.command("create")
@report_errors
def create_key() -> None:
    """Create the first key. `serve` also creates it if there is none.

    Example: bma-directory keys create
    """
    key = signing.create(_require_local_keys().keys)
    click.echo(f"Made the signing key {key.thumbprint}. Copy {_require_local_keys().keys} to a safe place.")


@keys.command("rotate")
@report_errors
def rotate_key() -> None:
    """Create a new signing key and delete the private half of the old one.

    The public half is kept and served forever, so existing signatures can still be verified. A running server uses
    the new key at its next signature.

    Example: bma-directory keys rotate
    """
    key = signing.rotate(_require_local_keys().keys)
    click.echo(f"Signs with {key.thumbprint} from now on. Copy {_require_local_keys().keys} to a safe place.")


@keys.command("list")
@report_errors
def list_keys() -> None:
    """List the keys, newest first: the one that signs, and those kept to verify older signatures.

    Example: bma-directory keys list
    """
    settings = config.read(os.environ)
    ring = Keyring.open(settings.keys, settings.signing_key)
    for key in reversed(ring.keys):
        use = "signs" if key is ring.current else "only checks"
        click.echo(f"{key.thumbprint}  {use}")


def _require_local_keys() -> Settings:
    """Return the settings of an installation that stores its own key.

    Raises:
        Conflict: the key comes from the environment and must be changed there.
    """
    settings = config.read(os.environ)
    if settings.signing_key:
        raise Conflict(f"The signing key comes from {SETTING_NAME}. Change it there; the old public key is kept here.")
    return settings
