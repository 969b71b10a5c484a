"""What running a method once leaves behind, whoever's method it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """Lists of a method for one task and seed.

    Attributes:
        lists: part -> Parquet file with customer_id, rank and item_id.
        training_seconds: of the fit; None where the method came with another's.
        listing_seconds: of writing the lists.
        memory: the most that was held on the way, in megabytes.
        bundle: id of the bundle that made them, if one did.
        versions: library -> version, of the environment it ran in.
    """

    lists: Mapping[str, Path]
    training_seconds: float | None
    listing_seconds: float
    memory: float
    bundle: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
