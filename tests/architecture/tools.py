"""Tools that judge the code, run as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with `arguments`. What it executes is not counted as covered: no behaviour of the product is tested,
    and counting would take a tool half as long again."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=280
    )
