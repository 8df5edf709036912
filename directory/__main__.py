"""The console script `bma-directory`, and `python -m directory`."""

from directory.cli.commands import cli


def main() -> None:
    """Run one command and exit with its status: 0 done, 1 refused, 2 misused."""
    cli(prog_name="bma-directory")


if __name__ == "__main__":
    main()
