"""What is compared: how much of the loop runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from shortlist_client import Exploration


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way to run the shop.

    Attributes:
        nightly: whether every night trains a bundle from everything until then.
        online: whether events and new items count at once.
        exploration: what lists try out; None for nothing.
    """

    nightly: bool = False
    online: bool = False
    exploration: Exploration | None = None


DRAWN = (2, 5, 8)
"""Places of a list of ten that are drawn."""
ARMS: Mapping[str, Arm] = {
    "frozen": Arm(),
    "nightly": Arm(nightly=True),
    "online": Arm(nightly=True, online=True),
    "explored": Arm(nightly=True, online=True, exploration=Exploration(policy="thompson", slots=DRAWN)),
}
MEANING: Mapping[str, str] = {
    "frozen": "one bundle",
    "nightly": "a new bundle every night",
    "online": "and events and items at once",
    "explored": "and learnt exploration",
}
