import sys
from pathlib import Path

# `shelves` is imported by its bare name.
sys.path.insert(0, str(Path(__file__).parents[3] / "bundle" / "diversity"))
