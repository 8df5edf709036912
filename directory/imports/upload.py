"""Stores uploaded files of imports in a folder that no web server serves."""

import os
import secrets
from pathlib import Path
from typing import IO

from directory.errors import FieldError, Invalid

MAX_MEGABYTES = 200
MAX_BYTES = MAX_MEGABYTES * 1_000_000
"""The largest file that may be uploaded: a weekly update of NPPES has about 40 MB. The command takes larger ones."""

_BLOCK = 1 << 20


def store_upload(folder: Path, stream: IO[bytes]) -> Path:
    """Write an uploaded file durably under a random name; a refused file leaves nothing behind.

    Raises:
        Invalid: it is empty, or larger than `MAX_BYTES`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.csv"
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while size <= MAX_BYTES and (block := stream.read(_BLOCK)):
            file.write(block)
            size += len(block)
        file.flush()
        os.fsync(file.fileno())
    if not 0 < size <= MAX_BYTES:
        path.unlink()
        limit = f"The file is larger than {MAX_MEGABYTES} MB. Import it with the command “import nppes”."
        raise Invalid([FieldError("file", limit if size else "The file is empty. Choose a CSV file with a header.")])
    return path
