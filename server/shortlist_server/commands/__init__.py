"""The commands that this package adds to the `shortlist` program."""
