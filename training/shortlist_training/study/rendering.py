"""What a search has found, as tables for people and as a configuration file."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from shortlist_training.config.toml import config_to_toml
from shortlist_training.study.found import Found
from shortlist_training.study.trial import FIGURE


def render_found(found: Found) -> Iterator[Table]:
    """Yield the trials, and what the best of them does differently."""
    yield _trials(found)
    if found.changed:
        yield _changes(found)


def verdict(found: Found) -> str:
    """Say in a sentence how much better the best is than the first."""
    first, best = found.first, found.best
    if not found.gain:
        return f"nothing better than the configuration as it is: {FIGURE} {first.figure:.4f} on the tuning window"
    relative = f" ({found.gain / first.figure:+.1%})" if first.figure else ""
    return (
        f"{FIGURE} {best.figure:.4f} on the tuning window instead of {first.figure:.4f}: "
        f"{found.gain:+.4f}{relative}, trial {best.number} of {len(found.trials)}"
    )


def file_text(found: Found) -> str:
    """Return the best configuration as a file for `shortlist train --config`, the verdict above it."""
    return f"# shortlist tune: {verdict(found)}\n\n{config_to_toml(found.config)}"


def _trials(found: Found) -> Table:
    table = Table(title="trials, on the tuning window", title_justify="left")
    table.add_column("trial")
    for heading in (FIGURE, "than the first", "seconds"):
        table.add_column(heading, justify="right")
    for trial in found.trials:
        name = f"{trial.number}, the configuration as it is" if trial is found.first else str(trial.number)
        gain = "" if trial is found.first else f"{trial.figure - found.first.figure:+.4f}"
        style = "bold" if trial is found.best else None
        table.add_row(name, f"{trial.figure:.4f}", gain, f"{trial.seconds:.0f}", style=style)
    return table


def _changes(found: Found) -> Table:
    table = Table(title=f"what trial {found.best.number} does differently", title_justify="left")
    table.add_column("setting")
    for heading in ("configuration as it is", f"trial {found.best.number}"):
        table.add_column(heading, justify="right")
    for place, values in found.changed.items():
        section, name = place.split(".")
        # Square brackets are markup to rich, unless escaped.
        table.add_row(rf"\[{section}] {name}", *map(_cell, values))
    return table


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
