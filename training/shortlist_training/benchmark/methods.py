"""What can be compared: `shortlist`, its sources alone, and the peers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shortlist_training.errors import BenchmarkError
from shortlist_training.suggestion import did_you_mean

OURS = "shortlist"
DEFAULT_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method as the command line names it.

    Attributes:
        name: `shortlist`, `shortlist:SOURCE`, `shortlist@MINUTES`, or a peer's.
        source: the one source of ours that makes the list, without the scorer; None: all of it.
        budget: minutes that our training keeps to; None: no limit.
        seeded: whether another seed gives other lists.
    """

    name: str
    source: str | None = None
    budget: float | None = None
    seeded: bool = True

    @property
    def ours(self) -> bool:
        """Whether it comes from a bundle."""
        return is_ours(self.name)

    def seeds(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return the seeds to run: one is enough where chance plays no part."""
        return tuple(wanted) if self.seeded else (DEFAULT_SEED,)


def is_ours(name: str) -> bool:
    """Tell whether a name is one of ours."""
    return name.partition(":")[0].partition("@")[0] == OURS


def parse_methods(names: Iterable[str], budgets: Iterable[float], peers: Mapping[str, bool]) -> list[Method]:
    """Return the methods of the command line.

    Args:
        names: as given; none stands for `shortlist` and every peer.
        budgets: minutes; each adds `shortlist@MINUTES`.
        peers: name -> whether it is seeded, of those there are.

    Raises:
        BenchmarkError: A name that nobody has.
    """
    wanted = [*(list(names) or [OURS, *peers]), *(f"{OURS}@{budget:g}" for budget in budgets)]
    return [_parsed(name, peers) for name in dict.fromkeys(wanted)]


def _parsed(name: str, peers: Mapping[str, bool]) -> Method:
    if not is_ours(name):
        if name not in peers:
            raise BenchmarkError(f"there is no method {name!r}. {did_you_mean(name, [OURS, *peers])}")
        return Method(name=name, seeded=peers[name])
    trained, _, source = name.partition(":")
    _, at, minutes = trained.partition("@")
    try:
        return Method(name=name, source=source or None, budget=float(minutes) if at else None)
    except ValueError:
        raise BenchmarkError(f"{minutes!r} in {name!r} is no number of minutes") from None
