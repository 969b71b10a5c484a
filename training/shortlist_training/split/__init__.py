"""Train, tune, judge: windows of the log that never leak the future."""
