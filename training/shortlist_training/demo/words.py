"""What the demo says before it starts and after it has ended."""

from pathlib import Path
from shlex import quote


def what_will_happen(out: Path, folder: Path | None, budget: float | None) -> str:
    """Return what the demo will do, what it downloads, and how long that takes."""
    data = f"the log in {folder}" if folder else "Complete Journey, a year of grocery shopping"
    download = "nothing" if folder else "nothing, the data (35 MB) comes in an installed package"
    return (
        f"From real data to a served recommendation: read {data}; train three models; write a bundle to {out}; serve "
        f"it on this machine; ask it over gRPC.\nDownload: {download}. Time: {_how_long(budget)}."
    )


def _how_long(budget: float | None) -> str:
    if budget is None:
        return "as long as this log needs"
    return f"up to about {budget:g} minutes of training on two quiet cores, and about one before and after it"


def what_next(program: str, bundles: Path, customer: str) -> tuple[str, ...]:
    """Return the five commands to go on with; `program` is how this one was called."""
    place = quote(str(bundles))
    return (
        f"{program} serve --bundles {place} --clock log_end    # serve it yourself",
        f"{program} recommend {quote(customer)} --explain    # ask it, from another shell",
        f"{program} evaluate --bundles {place}    # every figure of this bundle",
        f"{program} data report --data YOUR_FOLDER    # your own log: docs/data.md says what it looks like",
        f"{program} train --data YOUR_FOLDER --bundles bundles    # train on it, then serve as above",
    )
