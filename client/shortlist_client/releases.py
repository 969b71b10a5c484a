"""Which bundles there are, and which one serves: what an administrator is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortlist_client.recommendations import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of a server's folder.

    Attributes:
        model: Its name.
        versions: Its versions, newest first.
        aliases: Alias -> version.
        loaded_versions: The versions in the memory of the process that answered.
    """

    model: str
    versions: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    loaded_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What one gate found between the bundle that serves and the one to be promoted.

    Attributes:
        name: What was compared.
        live, candidate: The number of each bundle; None where there is none.
        limit: What the candidate's number has to reach, or may not exceed.
        passed: Whether it does.
        note: What else explains it.
    """

    name: str
    live: float | None
    candidate: float | None
    limit: float | None
    passed: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An alias that was moved.

    Attributes:
        bundle: What it names now.
        previous_version: What it named before; empty for nothing.
        gates: What was asked before a promotion; empty where it was forced, and for the way back.
    """

    bundle: Bundle
    previous_version: str
    gates: tuple[Gate, ...] = ()
