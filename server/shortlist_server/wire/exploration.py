"""What a list is to try out, as a request says it and as a placement has it; and what was drawn."""

from shortlist.v1 import policy_pb2 as pb
from shortlist.v1 import recommend_pb2
from shortlist_bundle.exploration.settings import COLDEST, HOTTEST, MOST_SLOTS, STRENGTHS, Exploration
from shortlist_server.pipeline.reply import ExplorationReport
from shortlist_server.pipeline.request import EXPLORE_AS_THE_POLICY_SAYS, ExplorationRequest
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.values import read_optional_name, within


def read_exploration(inspection: Inspection, message: pb.Exploration) -> ExplorationRequest:
    """Read what lists are to try out."""
    if not message.ByteSize():
        return EXPLORE_AS_THE_POLICY_SAYS
    policy = read_optional_name(inspection, message.policy, "exploration.policy")
    if policy and policy not in STRENGTHS:
        inspection.refuse("exploration.policy", f"{policy!r} is not one of {', '.join(STRENGTHS)}")
    if message.HasField("strength") and not 0.0 <= message.strength <= 1.0:
        inspection.refuse("exploration.strength", f"{message.strength} is not within 0 to 1")
    if message.HasField("temperature") and not COLDEST <= message.temperature <= HOTTEST:
        inspection.refuse("exploration.temperature", f"{message.temperature} is not within {COLDEST:g} to {HOTTEST:g}")
    return ExplorationRequest(
        policy=policy,
        seed=message.seed if message.HasField("seed") else None,
        strength=message.strength if message.HasField("strength") else None,
        temperature=message.temperature if message.HasField("temperature") else None,
        slots=_read_slots(inspection, message),
    )


def write_exploration(exploration: Exploration) -> pb.Exploration:
    """Write what a placement's lists try out, every setting as it holds."""
    return pb.Exploration(
        policy=exploration.policy,
        strength=exploration.strength,
        temperature=exploration.temperature,
        slots=exploration.slots,
    )


def write_exploration_report(report: ExplorationReport | None) -> recommend_pb2.ExplorationReport | None:
    """Write how places of a list were drawn."""
    if report is None:
        return None
    return recommend_pb2.ExplorationReport(
        policy=report.policy,
        seed=report.seed,
        strength=report.strength,
        temperature=report.temperature,
        slots=report.slots,
        standard_errors=report.standard_errors,
    )


def _read_slots(inspection: Inspection, message: pb.Exploration) -> tuple[int, ...]:
    if not within(inspection, len(message.slots), "exploration.slots", MOST_SLOTS):
        return ()
    for row, slot in enumerate(message.slots):
        if slot >= MOST_SLOTS:
            inspection.refuse(f"exploration.slots[{row}]", f"{slot} is not within 0 to {MOST_SLOTS - 1}")
    return tuple(sorted(set(message.slots)))
