"""How good a list is, measured: targets, metrics, baselines, the funnel."""
