"""Writes the list of modules in docs/architecture.md from each module's own sentence: `make docs`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- the list below is written by `make docs` from the modules' docstrings -->\n"
END = "<!-- end of the list -->\n"


def _docstring(module: Path) -> str:
    docstring = ast.get_docstring(ast.parse(module.read_text())) or ""
    return " ".join(docstring.split())


def _modules(folder: Path, depth: int) -> Iterator[str]:
    """A folder's own sentence, then its modules', then its folders'."""
    indent = "  " * depth
    for module in sorted(folder.glob("*.py")):
        if module.name != "__init__.py":
            yield f"{indent}- `{module.name}` {_docstring(module)}\n"
    for package in sorted(init.parent for init in folder.glob("*/__init__.py")):
        yield f"{indent}- **`{package.name}/`** {_docstring(package / '__init__.py')}\n"
        yield from _modules(package, depth + 1)


def insert_module_list(page: str) -> str:
    """The page with the list as the modules are now, between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "".join([before, BEGIN, "\n", *_modules(ROOT / "directory", 0), "\n", END, after])


if __name__ == "__main__":
    PAGE.write_text(insert_module_list(PAGE.read_text()))
    sys.stdout.write(f"Wrote {PAGE.relative_to(ROOT)}\n")
