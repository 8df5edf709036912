"""Imports of made-up rows."""

import pytest
from support.nppes_files import write_nppes_file, write_secondary_file


@pytest.fixture
def import_rows(run_command, session, tmp_path):
    """Import these rows as one file; `second` as a file of secondary locations after it."""

    def imported(*rows, options=("--publish",), second=(), code=0):
        session.commit()
        arguments = [str(write_nppes_file(tmp_path / "npidata.csv", rows))]
        if second:
            arguments += ["--locations", str(write_secondary_file(tmp_path / "pl.csv", second))]
        return run_command("import", "nppes", *arguments, *options, code=code)

    return imported
