"""What the clean tables of a log mean together: kind of feedback, repeats, scale, and the whole data report."""

from collections.abc import Mapping

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, ID_COLUMNS, INTERACTIONS, ITEM_ID, ITEMS, RATING
from shortlist_training.errors import ConfigError
from shortlist_training.log import measures
from shortlist_training.log.config import DataConfig
from shortlist_training.log.events import count_events
from shortlist_training.log.feedback import FeedbackGuess, FeedbackKind, infer_feedback, infer_scale
from shortlist_training.log.id_codes import IdCodes
from shortlist_training.log.people import PeopleGuess
from shortlist_training.log.repeats import REPEAT_SHARE, repeat_rate
from shortlist_training.log.report import DataReport, Findings, TableReport

CONFIGURED = "said by the configuration"


def understand(
    tables: tuple[TableReport, ...],
    everything: pl.DataFrame,
    frames: Mapping[str, pl.DataFrame],
    config: DataConfig,
    findings: Findings,
    people: PeopleGuess,
) -> DataReport:
    """Measure the log, and tell what the configuration leaves open.

    Args:
        tables: What was read.
        everything: The interactions before any were left out.
        frames: The clean tables by name, with the interactions that are left.
        config: What the user says.
        findings: What reading came across.
        people: Whether items are customers.

    Raises:
        ConfigError: The configuration says that there are ratings, and there are none.
    """
    interactions = frames[INTERACTIONS]
    described = {name: column for name, column in ID_COLUMNS.items() if name in frames}
    ids = {column: IdCodes.of(interactions[column]) for column in (CUSTOMER_ID, ITEM_ID)}
    feedback = _feedback(frames, config, ids)
    rate = repeat_rate(interactions, config.events)
    repeats, repeats_reason = _repeats(rate, config, people)
    return DataReport(
        tables=tables,
        interactions=interactions.height,
        customers=len(ids[CUSTOMER_ID]),
        items=len(ids[ITEM_ID]),
        date_range=measures.date_range(interactions),
        duplicates=measures.count_duplicates(everything),
        unknown={name: measures.unknown_ids(ids[column], frames[name][column]) for name, column in described.items()},
        repeat_rate=rate,
        density=measures.density(interactions, ids[CUSTOMER_ID], ids[ITEM_ID]),
        events_per_customer=measures.spread(ids[CUSTOMER_ID]),
        events_per_item=measures.spread(ids[ITEM_ID]),
        feedback=feedback.kind,
        feedback_reason=feedback.reason,
        repeats=repeats,
        repeats_reason=repeats_reason,
        people_to_people=people.people,
        people_reason=people.reason,
        rating_scale=_scale(interactions, config),
        events=count_events(everything),
        dropped=tuple(findings.dropped),
        notes=tuple(findings.notes),
    )


def _repeats(rate: float, config: DataConfig, people: PeopleGuess) -> tuple[bool, str]:
    if config.repeats is not None:
        return config.repeats, CONFIGURED
    share = f"{rate:.1%} of the takings repeat an earlier one"
    if people.people:
        return False, f"{share}; people who are connected are not proposed to each other again"
    return rate >= REPEAT_SHARE, share


def _feedback(frames: Mapping[str, pl.DataFrame], config: DataConfig, ids: Mapping[str, IdCodes]) -> FeedbackGuess:
    interactions = frames[INTERACTIONS]
    if config.feedback is None:
        taken = ids[ITEM_ID].distinct
        catalogue = pl.concat([taken, frames[ITEMS][ITEM_ID]]).n_unique() if ITEMS in frames else len(taken)
        return infer_feedback(interactions, catalogue)
    if config.feedback is not FeedbackKind.IMPLICIT and RATING not in interactions.columns:
        raise ConfigError(f"[data] feedback = '{config.feedback.value}', but the log has no column '{RATING}'")
    return FeedbackGuess(config.feedback, CONFIGURED)


def _scale(interactions: pl.DataFrame, config: DataConfig) -> tuple[float, float] | None:
    if RATING not in interactions.columns:
        return None
    return config.rating_scale or infer_scale(interactions[RATING])
