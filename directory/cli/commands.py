"""The root command group `bma-directory`, and the layout of its help."""

import click

from directory import __version__
from directory.cli.accounts import account, admin
from directory.cli.audit import audit
from directory.cli.build_data import basemap, places
from directory.cli.cleanup import evidence, sessions
from directory.cli.demo import demo
from directory.cli.draw import draw
from directory.cli.duplicates import duplicates
from directory.cli.health import doctor
from directory.cli.import_nppes import import_group
from directory.cli.keys import keys
from directory.cli.mail import mail
from directory.cli.maintenance import db, queue, search
from directory.cli.rules import rules
from directory.cli.scheduler import schedule
from directory.cli.second_factor import reset_second_factor_command
from directory.cli.server import serve
from directory.cli.statistics import statistics
from directory.cli.unmanaged import attestations


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bma-directory")
def cli() -> None:
    """A searchable directory of providers who have signed how they perform bone marrow aspirations.

    Settings come from environment variables (BMA_…). BMA_HOME is the folder of all data that must be kept.

    Example: BMA_HOME=/srv/bma bma-directory serve --port 8000
    """


for command in (
    serve, schedule, db, demo, places, basemap, import_group, admin, account, attestations, search, queue, mail, rules,
    keys, audit, doctor, draw, duplicates, evidence, sessions, statistics,
):  # fmt: skip
    cli.add_command(command)

account.add_command(reset_second_factor_command)
