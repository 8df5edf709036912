"""What a file of the registry says, line by line."""

from directory.imports.nppes_reader import read_batches
from directory.imports.records import SkippedRow


def parse_file(path, **options):
    """What each line says, or the reason why it is passed over."""
    return [parse_line(line) for batch in read_batches(path, **options) for line in batch.lines]


def parse_line(line):
    found = line.parse().record
    return found.reason if isinstance(found, SkippedRow) else found


def parse_single_line(path, **options):
    [found] = parse_file(path, **options)
    return found
