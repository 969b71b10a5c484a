"""Which extra of the distribution brings what a command needs."""

from importlib.metadata import EntryPoint
from importlib.util import find_spec

from shortlist_client.errors import UsageError

# Package -> (its extra, a library that only this extra or a larger one brings).
_EXTRAS = {
    "shortlist_client": ("cli", "rich"),
    "shortlist_bundle": ("server", "numpy"),
    "shortlist_server": ("server", "faiss"),
    "shortlist_training": ("training", "keras"),
}


def missing_extra(command: EntryPoint) -> str | None:
    """Return the extra that the command's package needs, or None when it is installed."""
    extra, library = _EXTRAS.get(_package(command), (None, ""))
    return extra if extra and find_spec(library) is None else None


def needs(extra: str) -> str:
    """Return what the list of commands says behind a command whose extra is missing."""
    return f"(needs shortlist[{extra}])"


def explanation(command: EntryPoint, problem: ModuleNotFoundError) -> UsageError | None:
    """Return the error that says how to get a missing library, or None where no extra of ours brings it."""
    package = _package(command)
    ours = (problem.name or "").partition(".")[0] in {*_EXTRAS, "shortlist"}
    if package not in _EXTRAS or ours:
        return None
    extra, _ = _EXTRAS[package]
    return UsageError(
        f"the command `{command.name}` needs the extra `{extra}`: pip install 'shortlist[{extra}]' ({problem})"
    )


def _package(command: EntryPoint) -> str:
    return command.module.partition(".")[0]
