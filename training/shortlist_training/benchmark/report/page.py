"""Write a report: the page, and the plots that it shows."""

from collections.abc import Callable, Mapping
from os.path import relpath
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.report.ablations import ablation_markdown
from shortlist_training.benchmark.report.bars import write_bars
from shortlist_training.benchmark.report.cold_start import cold_start_markdown
from shortlist_training.benchmark.report.curves import write_curves
from shortlist_training.benchmark.report.families import families_markdown
from shortlist_training.benchmark.report.markdown import markdown
from shortlist_training.benchmark.report.plots import write_plots
from shortlist_training.errors import OutputError

Document = Mapping[str, Any]
Draw = Callable[[Document, Path], Mapping[str, Path]]
Tell = Callable[[Document, Mapping[str, str]], str]


def write_page(document: Document, page: Path | None, *, plots: Path) -> str:
    """Write the plots of a comparison, and the page that links to them if there is to be one; return its text.

    Raises:
        OutputError: Something cannot be written.
    """
    return _written(document, page, plots, write_plots, markdown)


def write_ablation_page(document: Document, page: Path | None, *, plots: Path) -> str:
    """Write the same of ablations.

    Raises:
        OutputError: Something cannot be written.
    """
    return _written(document, page, plots, write_bars, ablation_markdown)


def write_cold_start_page(document: Document, page: Path | None, *, plots: Path) -> str:
    """Write the same of cold starts.

    Raises:
        OutputError: Something cannot be written.
    """
    return _written(document, page, plots, write_curves, cold_start_markdown)


def write_families_page(document: Document, page: Path | None) -> str:
    """Write the table of families; it has no plots.

    Raises:
        OutputError: It cannot be written.
    """
    return _written(document, page, Path(), lambda *_: {}, lambda told, _: families_markdown(told))


def _written(document: Document, page: Path | None, plots: Path, draw: Draw, tell: Tell) -> str:
    try:
        written = draw(document, plots)
        start = page.parent if page else Path()
        text = tell(document, {task: Path(relpath(file, start)).as_posix() for task, file in written.items()})
        if page:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise OutputError(f"the report cannot be written: {problem}") from None
    return text
