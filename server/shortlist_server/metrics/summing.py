"""The counts of several processes as one: of those that are there, and of those that have been."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

_COUNTED = ("counter", "histogram")
_INFO = "_info"
_NOT_KEPT = "_created"
"""When a counter began is of no use where several are summed."""

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric of one process, as plain data that can be sent to another.

    Attributes:
        name, text, kind: as Prometheus writes them.
        values: name of the sample and its labels -> value.
    """

    name: str
    text: str
    kind: str
    values: Mapping[tuple[str, Labels], float]

    @property
    def adds_up(self) -> bool:
        """Whether the values of several processes add up; of others the largest is told."""
        return self.kind in _COUNTED or self.name.endswith(_INFO)


Tally = Sequence[Family]
"""Everything that a process has counted up to one moment."""


def tally_of(registry: CollectorRegistry) -> Tally:
    """Return what a process has counted."""
    return [_family(metric) for metric in registry.collect()]


def counters_of(tally: Tally) -> Tally:
    """Return what stays true of a process that has ended."""
    return [family for family in tally if family.kind in _COUNTED]


def summed(tallies: Iterable[Tally]) -> Tally:
    """Return the counts of several processes as one."""
    found: dict[str, Family] = {}
    for family in (family for tally in tallies for family in tally):
        before = found.get(family.name)
        found[family.name] = family if before is None else replace(family, values=_joined(before, family))
    return list(found.values())


def as_metrics(tally: Tally) -> Iterable[Metric]:
    """Yield the counts as `prometheus_client` writes them."""
    for family in tally:
        metric = Metric(family.name, family.text, family.kind)
        for (name, labels), value in family.values.items():
            metric.add_sample(name, dict(labels), value)
        yield metric


def _family(metric: Metric) -> Family:
    values = {(one.name, tuple(one.labels.items())): one.value for one in metric.samples
              if not one.name.endswith(_NOT_KEPT)}  # fmt: skip
    return Family(metric.name, metric.documentation, metric.type, values)


def _joined(first: Family, second: Family) -> Mapping[tuple[str, Labels], float]:
    values = dict(first.values)
    for key, value in second.values.items():
        known = values.get(key)
        values[key] = value if known is None else known + value if second.adds_up else max(known, value)
    return values
