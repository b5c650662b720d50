"""What several tests use."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def penguins() -> Path:
    return ROOT / "examples" / "penguins.csv"


@pytest.fixture(scope="session")
def command():
    """Runs the command, and gives what it says as JSON."""
    program = os.environ.get("GLASSNET", str(ROOT / "target" / "debug" / "glassnet"))

    def run(*words: object) -> dict:
        done = subprocess.run([program, *map(str, words), "--json"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
