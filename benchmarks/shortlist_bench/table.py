"""Figures as lines of text."""

from collections.abc import Iterator, Mapping
from typing import Any


def shown(figures: Mapping[str, Any], machine: Mapping[str, Any]) -> str:
    """Return one line for each figure, those of a group indented under its name, and the machine."""
    head = f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['machine']}, Python {machine['python']}"
    return "\n".join([head, *_lines(figures, "")])


def _lines(figures: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{name:{40 - len(indent)}}{_number(value):>12}"


def _number(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_number, value))
    return f"{value:,.3f}" if isinstance(value, float) else str(value)
