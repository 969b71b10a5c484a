import sys
from pathlib import Path

# `tables` is imported by its bare name.
sys.path.insert(0, str(Path(__file__).parent))
