"""What a request says that the customer needs: protobuf in, the pipeline's dataclasses out; and back in replies."""

from collections.abc import Sequence
from math import isfinite

from shortlist.v1 import needs_pb2 as pb
from shortlist.v1 import value_pb2
from shortlist_bundle.catalogue import Value
from shortlist_bundle.knowledge.wishes import Aim, Direction, Near, Wanted, Wish
from shortlist_server.pipeline.needs import DEFAULT_WEIGHT, Must, Needs, RelaxationTold, WishMet
from shortlist_server.wire.conditions import condition_text
from shortlist_server.wire.filters import read_filter
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.values import read_name, read_scalar, within

_DIRECTIONS = {pb.DIRECTION_LOWEST: Direction.LOWEST, pb.DIRECTION_HIGHEST: Direction.HIGHEST}
_NOTHING = Wanted(values=())


def read_needs(inspection: Inspection, message: pb.Needs, path: str = "needs") -> Needs:
    """Read stated needs."""
    if not message.musts and not message.wishes:
        inspection.refuse(path, "has neither musts nor wishes; leave it out where nothing is said")
    weight = message.weight if message.HasField("weight") else DEFAULT_WEIGHT
    if not 0.0 <= weight <= 1.0:
        inspection.refuse(f"{path}.weight", f"{weight} is not within 0 to 1")
    return Needs(
        musts=_read_musts(inspection, message, f"{path}.musts"),
        wishes=_read_wishes(inspection, message, f"{path}.wishes"),
        weight=weight,
        relax=message.relax,
    )


def write_wishes_met(found: Sequence[WishMet]) -> list[pb.WishMet]:
    """Write how far an item meets each wish."""
    return [
        pb.WishMet(wish=one.wish, attribute=one.attribute, met=one.met, degree=one.degree, value=_write(one.value))
        for one in found
    ]


def write_relaxations(found: Sequence[RelaxationTold]) -> list[pb.Relaxation]:
    """Write what to give up."""
    return [pb.Relaxation(musts=one.musts, item_count=one.items, text=one.text) for one in found]


def _read_musts(inspection: Inspection, message: pb.Needs, path: str) -> tuple[Must, ...]:
    if not within(inspection, len(message.musts), path, inspection.limits.musts):
        return ()
    return tuple(
        Must(condition=read_filter(inspection, must, f"{path}[{row}]"), text=condition_text(must))
        for row, must in enumerate(message.musts)
    )


def _read_wishes(inspection: Inspection, message: pb.Needs, path: str) -> tuple[Wish, ...]:
    if not within(inspection, len(message.wishes), path, inspection.limits.wishes):
        return ()
    return tuple(_read_wish(inspection, wish, f"{path}[{row}]") for row, wish in enumerate(message.wishes))


def _read_wish(inspection: Inspection, message: pb.Wish, path: str) -> Wish:
    weight, heaviest = message.weight if message.HasField("weight") else 1.0, inspection.limits.heaviest_wish
    if not 0.0 < weight <= heaviest:
        inspection.refuse(f"{path}.weight", f"{weight} is not above 0 and at most {heaviest:,.0f}")
    return Wish(
        attribute=read_name(inspection, message.attribute, f"{path}.attribute"),
        aim=_read_aim(inspection, message, path),
        weight=weight,
    )


def _read_aim(inspection: Inspection, message: pb.Wish, path: str) -> Aim:
    aim = message.WhichOneof("aim")
    if aim == "wanted":
        return _read_wanted(inspection, message.wanted, f"{path}.wanted.values")
    if aim == "near":
        return _read_near(inspection, message.near, f"{path}.near")
    if aim is None:
        inspection.refuse(path, "wants nothing of its attribute: give `wanted`, `near` or `direction`")
        return _NOTHING
    if message.direction not in _DIRECTIONS:
        inspection.refuse(f"{path}.direction", f"{message.direction} is neither lowest nor highest")
    return _DIRECTIONS.get(message.direction, Direction.LOWEST)


def _read_wanted(inspection: Inspection, message: pb.WantedValues, path: str) -> Wanted:
    if not within(inspection, len(message.values), path, inspection.limits.wanted, least=1):
        return _NOTHING
    values: list[Value] = []
    for row, value in enumerate(message.values):
        scalar = read_scalar(inspection, value, f"{path}[{row}]")
        if scalar is None:
            inspection.refuse(f"{path}[{row}]", "is missing; a text, number, integer or flag is needed")
        else:
            values.append(scalar)
    return Wanted(values=tuple(values))


def _read_near(inspection: Inspection, message: pb.Near, path: str) -> Near:
    if not isfinite(message.target):
        inspection.refuse(f"{path}.target", f"{message.target} is not a finite number")
    if not message.HasField("within"):
        return Near(message.target)
    if not (isfinite(message.within) and message.within > 0.0):
        inspection.refuse(f"{path}.within", f"{message.within} is not a finite number above 0")
    return Near(message.target, message.within)


def _write(value: Value | Sequence[str] | None) -> value_pb2.Value:
    if value is None:
        return value_pb2.Value()
    if isinstance(value, bool):
        return value_pb2.Value(flag=value)
    if isinstance(value, str):
        return value_pb2.Value(text=value)
    if isinstance(value, (int, float)):
        return value_pb2.Value(number=value)
    return value_pb2.Value(texts=value_pb2.TextList(values=value))
