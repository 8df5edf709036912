"""What a file of the registry says, line by line."""

from directory.imports.nppes_reader import read_batches
from directory.imports.nppes_rows import SkippedRow


def parse_file(path, **options):
    """What each line says, or the reason why it is passed over."""
    return [parse_line(line) for batch in read_batches(path, **options) for line in batch.lines]


def parse_line(line):
    try:
        return line.record()
    except SkippedRow as skip:
        return skip.reason


def parse_single_line(path, **options):
    [found] = parse_file(path, **options)
    return found
