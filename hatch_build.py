"""Puts into a wheel what a checkout keeps outside the package or builds, and refuses a wheel without it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = (
    "static/dist/manifest.json",
    "directory/data/places.sqlite",
    "directory/data/basemap.pmtiles",
    "directory/data/outline.json",
)
"""What `make assets` leaves; a wheel without one of these would install and not work."""

BESIDE_THE_PACKAGE = ("templates", "migrations", "static/dist", "static/img")
"""Folders of a checkout that `directory.resources` looks for inside the package once it is installed."""


class CompleteWheel(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own examples leave it bare
    """Builds what is missing, for a wheel and for a source archive alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the build; an editable installation reads the checkout and needs none of this."""
        if version == "editable":
            return
        root = Path(self.root)
        if self._missing(root):
            self._make_assets(root)
        if missing := self._missing(root):
            raise FileNotFoundError(
                f"{', '.join(missing)}: not built, and a wheel without cannot serve. Run `make assets` first."
            )
        if self.target_name == "wheel":
            build_data["force_include"].update(self._beside(root))

    @staticmethod
    def _missing(root: Path) -> list[str]:
        return [name for name in BUILT if not (root / name).is_file()]

    @staticmethod
    def _make_assets(root: Path) -> None:
        make = shutil.which("make")
        if make is None:
            raise FileNotFoundError("A wheel is built from what `make assets` makes, and there is no make here.")
        subprocess.run([make, "assets"], cwd=root, check=True)  # noqa: S603  the project's own Makefile

    @staticmethod
    def _beside(root: Path) -> dict[str, str]:
        """Where each file comes from and lies in the wheel. Stamps and caches begin with a dot or are bytecode."""
        return {
            str(file): f"directory/{file.relative_to(root).as_posix()}"
            for folder in BESIDE_THE_PACKAGE
            for file in sorted((root / folder).rglob("*"))
            if file.is_file() and not file.name.startswith(".") and "__pycache__" not in file.parts
        }
