"""What a file of the registry says, line by line."""

from directory.listings.nppes import read_batches
from directory.listings.nppes_rows import SkippedRow


def said(path, **options):
    """What each line says, or the reason why it is passed over."""
    return [of(line) for batch in read_batches(path, **options) for line in batch.lines]


def of(line):
    try:
        return line.record()
    except SkippedRow as skip:
        return skip.reason


def only(path, **options):
    [found] = said(path, **options)
    return found
