"""The road in the folder names is the road in the imports."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from xianjie.settings import REPOSITORY

PACKAGE = REPOSITORY / "plugins" / "xianjie"
# In import order: intake lands what it pulled, so landing stands to its left.
ROAD = (
    "contract",
    "landing",
    "intake",
    "validation",
    "identity",
    "warehouse",
    "consistency",
    "monitoring",
    "accountability",
    "reports",
    "returns",
    "board",
)
SHARED = {"settings", "errors", "dates", "privacy", "database", "workbooks"}
ABOVE = {"night", "commands", "cli"}
# Too heavy to be loaded by whoever only parses a DAG or prints help.
HEAVY = {
    "pandas",
    "great_expectations",
    "openpyxl",
    "xlsxwriter",
    "python_calamine",
    "pyarrow",
    "splink",
    "duckdb",
}


def modules() -> list[Path]:
    found = sorted(PACKAGE.rglob("*.py"))
    assert len(found) > 50, "the package was not found"
    return found


def imports(path: Path, *, is_top_only: bool = False) -> set[str]:
    """Dotted names that a module imports; only those executed on import, when asked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in _executed_on_import(tree) if is_top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _executed_on_import(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        is_typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or is_typing_only:
            continue
        yield child
        yield from _executed_on_import(child)


def stage_of(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "xianjie" and len(parts) > 1 else None


def test_every_folder_has_its_place_on_the_road():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders
    assert folders <= set(ROAD) | SHARED | ABOVE


@pytest.mark.parametrize("stage", ROAD)
def test_a_stage_imports_only_from_its_left(stage):
    allowed = set(ROAD[: ROAD.index(stage) + 1]) | SHARED
    for path in sorted((PACKAGE / stage).rglob("*.py")):
        reached = {found for name in imports(path) if (found := stage_of(name)) in {*ROAD, *ABOVE}}
        assert reached <= allowed, f"{path.relative_to(REPOSITORY)} reaches {reached - allowed}"


def test_shared_ground_imports_no_stage():
    shared = [path for path in modules() if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in SHARED]
    assert shared
    for path in shared:
        reached = {stage_of(name) for name in imports(path)} & {*ROAD, *ABOVE}
        assert not reached, f"{path.relative_to(REPOSITORY)} reaches {reached}"


def test_dag_files_are_wiring():
    files = sorted((REPOSITORY / "dags").glob("*.py"))
    assert files
    for path in files:
        names = imports(path)
        airflow = {name for name in names if name.startswith("airflow")}
        assert all(name.startswith(("airflow.sdk", "airflow.providers.standard")) for name in airflow), (
            path.name
        )
        assert not {name.split(".")[0] for name in names} & HEAVY, path.name
        assert {stage_of(name) for name in names} <= {None, "contract", "dates", "night"}, path.name


def test_parsing_the_dags_loads_nothing_heavy(tmp_path):
    files = sorted(str(path) for path in (REPOSITORY / "dags").glob("*.py"))
    code = (
        "import runpy, sys\n"
        f"for path in {files!r}: runpy.run_path(path)\n"
        f"print(sorted(set(sys.modules) & set({sorted(HEAVY)!r})))"
    )
    done = subprocess.run(
        [str(REPOSITORY / ".venv/bin/python"), "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={
            "AIRFLOW_HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(REPOSITORY / "plugins"),
        },
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_no_county_is_named_in_python():
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"大通|西宁|青海", text), path.relative_to(REPOSITORY)


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    found = [REPOSITORY / name for name in listed.stdout.decode().split("\0") if name]
    assert len(found) > 50
    return [path for path in found if path.is_file()]


def test_no_file_names_a_folder_of_somebodys_machine():
    machine = re.compile(
        rb"(?<![\w.>}])(?:/work/|/root/|/home/(?!xianjie\b)[a-z]+/|/Users/[A-Za-z]+/|[A-Z]:\\\\Users)"
    )
    for path in tracked_files():
        if path.suffix in {".png", ".parquet", ".xlsx", ".gz"} or path == Path(__file__):
            continue
        found = machine.search(path.read_bytes())
        assert not found, f"{path.relative_to(REPOSITORY)}: {found.group()!r}"
