"""The `[policies.NAME]` sections: named placements, each with the defaults of its lists."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.errors import DocumentError
from shortlist_bundle.exploration.settings import LEARNT
from shortlist_bundle.policy import Placement
from shortlist_bundle.shares import unknown_sources
from shortlist_training.errors import ConfigError

SECTION = "policies"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def parse_policies(document: Mapping[str, Any]) -> dict[str, Placement]:
    """Return the placements by name.

    Raises:
        ConfigError: A name that cannot be one, or a setting that is unknown or cannot have its value.
    """
    for name, values in document.items():
        if not NAME.fullmatch(name):
            raise ConfigError(f"[{SECTION}.{name}]: a name has up to 64 of a-z, 0-9, '.', '_' and '-'")
        if not isinstance(values, Mapping):
            raise ConfigError(f"[{SECTION}] has no settings of its own: '{name}' needs a section [{SECTION}.NAME]")
    try:
        return {name: Placement.from_json(values, f"{SECTION}.{name}") for name, values in document.items()}
    except DocumentError as error:
        raise ConfigError(str(error)) from None


def policies_to_json(policies: Mapping[str, Placement]) -> dict[str, Any]:
    """Return the sections that `parse_policies` reads back."""
    return {name: placement.to_json() for name, placement in policies.items()}


def check_sources(policies: Mapping[str, Placement], known: Sequence[str]) -> None:
    """Refuse placements that name a source which the bundle will not have.

    Args:
        policies: by name.
        known: the sources that make sense on the log.

    Raises:
        ConfigError: Names the placement and the source, and says which there are.
    """
    for name, placement in policies.items():
        for source, problem in unknown_sources(placement.sources, known):
            raise ConfigError(f"[{SECTION}.{name}] sources.{source}: {problem}")


def check_policies(policies: Mapping[str, Placement], catalogue: Catalogue, *, vectors: bool) -> None:
    """Refuse policies that the items cannot serve.

    Args:
        policies: by name.
        catalogue: of the items.
        vectors: whether there will be learnt vectors of them.

    Raises:
        ConfigError: Names the placement and the setting.
    """
    diversifier = Diversifier(catalogue, np.zeros((0, 0), np.float32) if vectors else None)
    for name, placement in policies.items():
        for place, problem in diversifier.problems(placement.diversity):
            raise ConfigError(f"[{SECTION}.{name}] diversity.{place}: {problem}")
        if placement.exploration.policy in LEARNT and not vectors:
            problem = "needs towers, which a log of ratings alone does not get"
            raise ConfigError(f"[{SECTION}.{name}] exploration.policy: {placement.exploration.policy!r} {problem}")
