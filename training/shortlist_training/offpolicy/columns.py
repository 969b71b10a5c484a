"""The names of the columns of a log of slates, and of a policy that is to be judged on it; see docs/data.md."""

IMPRESSION, POSITION, ITEM = "impression_id", "position", "item_id"
CUSTOMER, MOMENT = "customer_id", "as_of"
PROBABILITY, MARGINAL = "probability", "marginal_probability"
REWARD = "reward"
LOG_COLUMNS = (IMPRESSION, POSITION, ITEM, PROBABILITY, REWARD)
"""What judging needs of a log; `customer_id`, `as_of`, `policy` and `seed` stand beside."""
SITUATION_COLUMNS = (CUSTOMER, MOMENT)
"""What it needs besides where a bundle says what it would have shown."""
POLICY_COLUMNS = (IMPRESSION, POSITION, ITEM, PROBABILITY)
