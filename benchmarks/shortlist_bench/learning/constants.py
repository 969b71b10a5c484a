"""The simulated shop's figures: those of a real log, and those that no log has.

`FITTED` is what `shortlist bench learning --fit FOLDER` printed for the first ten months of Complete Journey. It counts
by the week; a day of the simulation stands for two weeks.
"""

WEEKS = 2
"""Of the log, for which a day of the simulation stands."""
FITTED = {
    "visits": 1.165,
    "activity": 1.144,
    "basket": 4.0,
    "appeal": 0.702,
    "repeats": 0.515,
    "tastes": 0.849,
    "drift": 0.081,
    "season": 0.043,
    "arrivals": 0.0039,
}
"""Visits of a customer in a week, and the deviation of their logarithm; takings of a visit; the deviation of the
logarithm of an item's takers within its category; the share of takings that repeat an earlier one; deviations of the
logarithm of a customer's share of a category, of its movement in a week, and of everybody's; new items in a week as a
share of those that are sold."""

PACE = 4
"""How many times as fast tastes move and items come as in the log, whose groceries hardly change within a season: at
the fitted pace eight days would show nothing."""
CATEGORIES, BRANDS, STYLES = 16, 8, 4
STYLE = 0.7
"""Deviation of how a customer's and an item's style meet: what a category and an appeal do not say."""
BRAND_SHARE = 0.6
"""Of the variance of an item's style, what its brand says; the rest shows in no feature."""
HABIT = 0.2
"""What an item gains that the customer has taken: set so that repeats are as in the log."""
FATIGUE = 0.35
"""What an item loses by each time the customer has looked at it and left it; assumed, for a log has no lists."""
REST = 0.6
"""Share of fatigue that is left the day after; assumed likewise."""
EXAMINED = 0.95
"""Share of those who look at a place that look at the next one; assumed likewise."""
FIND = 0.02
"""Chance that a visit finds an item that the customer did not know of, without any list; assumed likewise."""
BASE = -3.6
"""Logit of taking an average item that is looked at: set so that a list brings about one taking of a visit's four."""
