import sys
from pathlib import Path

# The peers lie outside the packages, and are found from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))
