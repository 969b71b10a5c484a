import sys
from pathlib import Path

# The models built by hand are imported by their bare name.
sys.path.insert(0, str(Path(__file__).parent))
