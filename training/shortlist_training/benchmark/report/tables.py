"""Tables and cells in Markdown."""

from collections.abc import Iterable, Mapping, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> list[str]:
    """Return the lines of a table whose first `left` columns are text, and the rest numbers."""
    rules = ["---" if n < left else "---:" for n in range(len(headings))]
    return [_line(headings), _line(rules), *(_line(row) for row in rows)]


def figure(value: Mapping[str, float | None], *, spread: bool = False) -> str:
    """Return "0.1234 ±0.0056", and in brackets the standard deviation over seeds where there is one."""
    text = f"{value['mean']:.4f} ±{value['error']:.4f}"
    return f"{text} ({value['spread']:.4f})" if spread and value.get("spread") is not None else text


def interval(value: Mapping[str, float] | None) -> str:
    """Return "-0.0123 [-0.0200, -0.0050]"; nothing for nothing."""
    if not value:
        return ""
    return f"{value['difference']:+.4f} [{value['low']:+.4f}, {value['high']:+.4f}]"


def seconds(value: float | None) -> str:
    """Return seconds as people say them; nothing for nothing."""
    if value is None:
        return ""
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.0f} min"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
