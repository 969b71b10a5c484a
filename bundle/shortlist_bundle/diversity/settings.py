"""How varied a list is to be: what a placement's policy says, and what a request makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import DocumentError, shown

NONE = "none"
STRENGTHS: Mapping[str, float] = {NONE: 0.0, "mmr": 0.3, "dpp": 0.3, "calibration": 0.5, "max_sum": 0.5}
"""Method -> its strength where nobody names one."""

MOST_CAPS, MOST_QUOTAS, MOST_ITEMS = 8, 32, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """That a list holds at least `at_least` items whose `attribute` has the value."""

    attribute: str
    value: str
    at_least: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversity:
    """What turns the order of scores into a varied list.

    Attributes:
        method: a name of `STRENGTHS`.
        strength: of the method, 0 (the order of the scores) to 1 (variety alone).
        serendipity: how much being unlike what the customer knows counts, 0 to 1 (nothing else counts).
        caps: attribute and how many items of a list may share one value of it, sorted by name.
        quotas: what a list must hold.
        calibrate: the attribute whose mix calibration follows; empty: chosen from the catalogue.
    """

    method: str = NONE
    strength: float = 0.0
    serendipity: float = 0.0
    caps: tuple[tuple[str, int], ...] = ()
    quotas: tuple[Quota, ...] = ()
    calibrate: str = ""

    @property
    def varies(self) -> bool:
        """Whether the method itself moves anything."""
        return self.method != NONE and self.strength > 0

    @property
    def ruled(self) -> bool:
        """Whether there are caps or quotas."""
        return bool(self.caps or self.quotas)

    @property
    def active(self) -> bool:
        """Whether a list can differ at all from the order of the scores."""
        return self.varies or self.ruled or self.serendipity > 0

    @property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        """The attributes that it names, each after the path of the setting that does."""
        capped = [(f"caps[{name}]", name) for name, _ in self.caps]
        asked = [(f"quotas[{n}].attribute", quota.attribute) for n, quota in enumerate(self.quotas)]
        return (*capped, *asked, *((("calibrate", self.calibrate),) if self.calibrate else ()))

    def to_json(self) -> dict[str, JSON]:
        """Return the settings that differ from the default, as they stand in a bundle and in TOML."""
        plain: dict[str, JSON] = {
            "method": self.method,
            "strength": self.strength,
            "serendipity": self.serendipity,
            "caps": dict(self.caps),
            "quotas": [{"attribute": q.attribute, "value": q.value, "at_least": q.at_least} for q in self.quotas],
            "calibrate": self.calibrate,
        }
        default: dict[str, JSON] = {"method": NONE, "strength": STRENGTHS[self.method], "serendipity": 0.0}
        return {
            name: value for name, value in plain.items() if value != default.get(name) and value not in ("", [], {})
        }

    @classmethod
    def from_json(cls, value: Any, where: str) -> "Diversity":
        """Read what `to_json` wrote, or a user's file; what is left out has its default.

        Raises:
            DocumentError: A setting is unknown or cannot have its value; it is named with `where`.
        """
        table = _table(value, where, ("method", "strength", "serendipity", "caps", "quotas", "calibrate"))
        method = _text(table.get("method", NONE), f"{where}.method")
        if method not in STRENGTHS:
            raise DocumentError(f"{where}.method: must be one of {', '.join(STRENGTHS)}, is {shown(method)}")
        caps = _table(table.get("caps", {}), f"{where}.caps")
        quotas = table.get("quotas", [])
        if not isinstance(quotas, list | tuple) or len(quotas) > MOST_QUOTAS or len(caps) > MOST_CAPS:
            limits = f"at most {MOST_CAPS} caps, and a list of at most {MOST_QUOTAS} quotas"
            raise DocumentError(f"{where}: needs a table of {limits}")
        return cls(
            method=method,
            strength=_share(table.get("strength", STRENGTHS[method]), f"{where}.strength"),
            serendipity=_share(table.get("serendipity", 0.0), f"{where}.serendipity"),
            caps=tuple(sorted((name, _count(most, f"{where}.caps.{name}")) for name, most in caps.items())),
            quotas=tuple(_quota(quota, f"{where}.quotas[{n}]") for n, quota in enumerate(quotas)),
            calibrate=_text(table.get("calibrate", ""), f"{where}.calibrate"),
        )


def _quota(value: Any, where: str) -> Quota:
    table = _table(value, where, ("attribute", "value", "at_least"))
    texts = {name: _text(table.get(name, ""), f"{where}.{name}") for name in ("attribute", "value")}
    if not all(texts.values()):
        raise DocumentError(f"{where}: needs an attribute and a value")
    return Quota(**texts, at_least=_count(table.get("at_least", 1), f"{where}.at_least"))


def _table(value: Any, where: str, known: tuple[str, ...] = ()) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DocumentError(f"{where}: must be a table, is {shown(value)}")
    unknown = sorted(set(value) - set(known)) if known else []
    if unknown:
        raise DocumentError(f"{where}: has no setting {shown(unknown[0])}; there are {', '.join(known)}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"{where}: must be a text, is {shown(value)}")
    return value


def _share(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise DocumentError(f"{where}: must be a number from 0 to 1, is {shown(value)}")
    return float(value)


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_ITEMS:
        raise DocumentError(f"{where}: must be a whole number from 1 to {MOST_ITEMS}, is {shown(value)}")
    return value
