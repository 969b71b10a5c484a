"""The log as arrays: vocabularies, sorted histories, encoded features."""
