"""Makes an installation with a synthetic nation, to run benchmarks and checks on.

Run from the root:
    PYTHONPATH=tests .venv/bin/python tests/benchmarks/make_nation.py --rows 1000000 --home FOLDER
        [--database-url postgresql+psycopg://…] [--seed N]
The same rows and seed make the same nation on the same day. The folder must be empty or hold that nation already.
The search snapshot is not built: run `bma-directory search rebuild` for that, with BMA_HOME set to the folder.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.installation import Installation
from benchmarks.nation_tables import SEED


def main() -> None:
    """Make the nation and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True, help="how many listings")
    parser.add_argument("--home", type=Path, required=True, help="becomes BMA_HOME")
    parser.add_argument("--database-url", default="", help="an empty database; SQLite in the folder if left out")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed makes another nation")
    options = parser.parse_args()

    def show(done: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done:,} of {options.rows:,} listings")

    seconds = Installation(options.home, options.database_url).make_nation(
        options.rows, seed=options.seed, progress=show
    )
    if seconds:
        print(f"Made {options.rows:,} listings in {seconds:,.1f} s ({options.rows / seconds:,.0f} a second).")
    else:
        print(f"The {options.rows:,} listings were there already.")


if __name__ == "__main__":
    main()
