"""The keys of the tests of the audit log."""

import shutil
from pathlib import Path

import pytest

from directory.config import Settings
from directory.signing.keys import Keyring


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once: making one takes a good part of a second."""
    folder = tmp_path_factory.mktemp("keys")
    Keyring.open(folder)
    return folder


@pytest.fixture(autouse=True)
def keyring(settings: Settings, key_folder: Path) -> Keyring:
    shutil.copytree(key_folder, settings.home / "keys", dirs_exist_ok=True)
    return Keyring.open(settings.home / "keys")
