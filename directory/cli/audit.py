"""The commands `audit verify` and `audit head`, which check and publish the audit log."""

import json
from pathlib import Path

import click
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.audit import queries
from directory.audit.chain import GENESIS, ChainBroken, verify_chain
from directory.audit.commands import publish_head
from directory.audit.heads import Head, head_document, verify_heads
from directory.cli.installation import installation, progress, report_errors
from directory.config import Settings
from directory.signing.keys import Keyring

ROWS_PER_STEP = 1000
"""How often the progress bar moves; arbitrary."""


@click.group()
def audit() -> None:
    """The audit log of every decision and signing: ids and hashes; each entry is chained to the one before."""


@audit.command("verify")
@click.option(
    "--head",
    "saved",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head.json that somebody saved earlier; may be repeated.",
)
@report_errors
def verify(saved: tuple[Path, ...]) -> None:
    """Check the whole log for changes, removals and reordering. Status 1 names the first wrong entry.

    The log is also compared with every published head. An attacker who can rewrite the database can delete those
    too, so pass a head that was saved elsewhere: any change to the entries up to it is then detected.

    Example: bma-directory audit verify --head /backup/head-2026-11-22.json
    """
    with installation() as settings:
        session, keyring = transaction.session(), _open_keyring(settings)
        heads = queries.verified_heads(session, keyring)
        heads += [queries.verify_saved_head(path.read_text(errors="replace"), keyring) for path in saved]
        try:
            count, last_hash = _verify_log(session, heads)
        except ChainBroken as broken:
            raise click.ClickException(broken.sentence) from broken
    agree = "1 head agrees" if len(heads) == 1 else f"{len(heads):,} heads agree"
    click.echo(f"{count:,} entries are as they were written, and {agree} with them. The last hash is {last_hash}.")


@audit.command("head")
@report_errors
def head() -> None:
    """Print today's signed head, and create it if there is none. Run it from cron and keep the output elsewhere.

    Example: bma-directory audit head > /backup/head-$(date -u +%F).json
    """
    with installation() as settings:
        key = _open_keyring(settings).current
        with transaction.atomic() as session:
            signed = publish_head(session, key=key, issuer=settings.base_url, now=clock.now()).jws
    click.echo(json.dumps(head_document(signed), indent=2))


def _verify_log(session: Session, heads: list[Head]) -> tuple[int, str]:
    """Read the whole log; returns the number of entries and the hash of the last."""
    latest = queries.last_entry(session)
    seq, last_hash = 0, GENESIS
    with progress(latest.seq if latest else 0, "Entries") as show:
        for row in verify_heads(verify_chain(queries.entries(session)), heads):
            seq, last_hash = row.seq, row.hash
            if seq % ROWS_PER_STEP == 0:
                show(seq)
    return seq, last_hash


def _open_keyring(settings: Settings) -> Keyring:
    return Keyring.open(settings.keys, settings.signing_key)
