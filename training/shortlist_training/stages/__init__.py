"""The stages of a training run, in the order of their file names in `run.py`."""
