"""Write the report: the page, and the plots that it shows."""

from collections.abc import Mapping
from os.path import relpath
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.report.markdown import markdown
from shortlist_training.benchmark.report.plots import write_plots
from shortlist_training.errors import OutputError


def write_page(document: Mapping[str, Any], page: Path | None, *, plots: Path) -> str:
    """Write the plots, and the page that links to them if there is to be one; return its text.

    Raises:
        OutputError: Something cannot be written.
    """
    try:
        written = write_plots(document, plots)
        start = page.parent if page else Path()
        text = markdown(document, {task: Path(relpath(file, start)).as_posix() for task, file in written.items()})
        if page:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise OutputError(f"the report cannot be written: {problem}") from None
    return text
