"""What figures were made with, for the head of a page."""

from collections.abc import Iterator, Mapping
from typing import Any


def machine_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the machine, the libraries, and the command of a report."""
    machine = document["machine"]
    memory = f", {machine['memory_gb']:g} GB of memory" if machine["memory_gb"] else ""
    yield f"{machine['cores']} cores{memory}, {machine['system']} on {machine['machine']}, Python {machine['python']}."
    yield f"Libraries: {', '.join(f'{name} {number}' for name, number in machine['libraries'].items())}."
    yield from ("", "```", document["command"], "```")
