"""Counts the functions of this project that one search runs, by file.

Run from the root:
    PYTHONPATH=tests:. .venv/bin/python tests/benchmarks/search_path.py [--path /providers?near=80021]
The demonstration is loaded into a temporary folder. The same request runs once before, so that nothing is counted that
only the first request of a worker does.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from types import CodeType, FrameType

from benchmarks.installation import ROOT, Installation

PACKAGE = str(ROOT / "directory") + "/"


def functions_of(installation: Installation, path: str) -> dict[str, set[str]]:
    """The qualified names of the functions that a GET of `path` runs, by file."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            seen.add(frame.f_code)

    with installation.application() as app:
        client = app.test_client()
        client.get(path)
        sys.setprofile(note)
        try:
            status = client.get(path).status_code
        finally:
            sys.setprofile(None)
    if status != 200:
        raise SystemExit(f"{path} answers {status}.")
    found = defaultdict(set)
    for code in seen:
        if not code.co_name.startswith("<"):
            found[code.co_filename.removeprefix(PACKAGE)].add(code.co_qualname)
    return found


def main() -> None:
    """Load the demonstration and print the functions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", default="/providers?near=80021", help="what is asked for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        installation = Installation(Path(home))
        installation.run("demo", "load")
        found = functions_of(installation, options.path)
    for file, names in sorted(found.items()):
        print(f"{file}: {', '.join(sorted(names))}")
    print(f"{sum(map(len, found.values()))} functions in {len(found)} files")


if __name__ == "__main__":
    main()
