"""Where the project's files lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "python"
SHARED = ROOT.parent / "shared"
EXAMPLE_OUTPUTS = ROOT / "tests" / "data" / "outputs.json"
