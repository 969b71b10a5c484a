"""The configuration of a run: one frozen object, TOML in and out, stored in the bundle."""
