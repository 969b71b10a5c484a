"""What each part of a list is worth: the scorer fitted again and again, one thing taken away each time."""
