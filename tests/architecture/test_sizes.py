"""How long modules and functions are, and that everything public says what it is for.

The limits come from measuring codebases that are pleasant to read: a median module of 60 to 120 lines, a median
function of at most 10, and hardly any function that does not fit on a screen.
"""

import ast
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("voicebot", "models", "scripts", "benchmarks")
PACKAGE = sorted((ROOT / "voicebot").rglob("*.py"))
# A migration is a list of what happened, written by a tool and never changed.
WRITTEN = [path for path in PACKAGE if "migrations/versions" not in path.as_posix()]

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Function:
    """A function and its length in lines, from `def` to its end, docstring included."""

    where: str
    lines: int


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions_in(path: Path) -> Iterator[Function]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield Function(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)


def lines_in(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def functions() -> list[Function]:
    return [function for path in WRITTEN for function in functions_in(path)]


def test_no_module_is_over_400_lines() -> None:
    everything = [path for folder in (*FOLDERS, "tests") for path in sorted((ROOT / folder).rglob("*.py"))]
    written = [path for path in everything if "migrations/versions" not in path.as_posix()]
    assert {str(path.relative_to(ROOT)): n for path in written if (n := lines_in(path)) > 400} == {}


def test_the_median_module_is_at_most_120_lines() -> None:
    lengths = [lines_in(path) for path in WRITTEN if path.name != "__init__.py"]
    assert statistics.median(lengths) <= 120


def test_no_function_is_over_60_lines(functions: list[Function]) -> None:
    assert [function for function in functions if function.lines > 60] == []


def test_nine_functions_in_ten_are_at_most_32_lines(functions: list[Function]) -> None:
    over = sorted((function for function in functions if function.lines > 32), key=lambda one: -one.lines)
    assert len(over) <= len(functions) / 10, over


def test_the_median_function_is_at_most_10_lines(functions: list[Function]) -> None:
    assert statistics.median(function.lines for function in functions) <= 10


def public_definitions(path: Path) -> Iterator[tuple[str, Definition | ast.Module]]:
    """The module, its public functions and classes, and those classes' public methods."""
    tree = parse(path)
    yield "module", tree
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


# SQLAlchemy's column types and spaCy's serialisation: the library says what these methods do.
GIVEN_BY_A_LIBRARY = {
    "process_bind_param", "process_result_value", "to_bytes", "from_bytes", "to_disk", "from_disk",
}  # fmt: skip


def test_everything_public_has_a_docstring() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in WRITTEN
        for name, node in public_definitions(path)
        if not ast.get_docstring(node)
        and name.rpartition(".")[2] not in GIVEN_BY_A_LIBRARY
        and not (name == "module" and path.name == "__init__.py" and not path.read_text().strip())
    ]
    assert silent == []
