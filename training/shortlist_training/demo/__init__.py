"""The demo: real data to a served recommendation; `course.py` tells it in order."""
