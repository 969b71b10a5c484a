"""The trade between quality and variety: changes, their errors, and the choice of a default."""

import io
import json

import numpy as np
import pytest
from rich.console import Console
from shelves import catalogue, ranked, taken

from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.settings import Diversity
from shortlist_training.errors import OutputError
from shortlist_training.evaluation.diversity.curve import (
    CAPS,
    STRENGTHS,
    Point,
    best_of,
    diversity_report,
    relative_change,
    settings_of,
)
from shortlist_training.evaluation.diversity.measures import Yardstick
from shortlist_training.evaluation.diversity.plots import write_diversity_plots
from shortlist_training.evaluation.diversity.table import diversity_table
from shortlist_training.evaluation.metrics import Figure
from shortlist_training.evaluation.targets import Targets

CUSTOMERS, ITEMS, K = 12, 60, 10
SHOP = catalogue(kind=[f"k{n // 10}" for n in range(ITEMS)], brand=[f"b{n % 3}" for n in range(ITEMS)])


def point(method, knob, loss, gain):
    return Point(
        method=method, knob=knob, figures={}, coverage=0, gini=0, ndcg_change=Figure(loss, 0.0),
        distance_change=Figure(gain, 0.0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def report():
    """Judge customers who like two kinds, in a shop whose scores say nothing but the first."""
    random = np.random.default_rng(0)
    numbers = range(CUSTOMERS)
    items = range(1, ITEMS + 1)
    scores = [{item: 6.0 - (item + 10 * n) % ITEMS / 10 + random.random() for item in items} for n in numbers]
    history = taken(*[[1 + (10 * n) % ITEMS, 1 + (10 * n + 20) % ITEMS] for n in numbers])
    pool = ranked(*scores)
    settings, diversifier = settings_of("kind"), Diversifier(SHOP)
    lists = {name: diversifier(pool, history, wanted, K).items for name, wanted in settings.items()}
    keys = [n * (ITEMS + 1) + item for n in range(CUSTOMERS) for item in sorted(map(int, pool.items[n, :4]))]
    targets = Targets(
        rows=np.arange(CUSTOMERS), width=ITEMS + 1, keys=np.array(keys), sizes=np.full(CUSTOMERS, 4)
    )  # fmt: skip
    return diversity_report(lists, history, targets, Yardstick.of(SHOP, np.ones(ITEMS + 1)), mode="all")


def test_a_change_is_a_ratio_of_means():
    base, values = np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.5])
    change = relative_change(values, base)
    assert change.mean == pytest.approx(4.5 / 6 - 1)
    # Residuals 1 - .75, 1 - 1.5, 2.5 - 2.25 around 0, divided by the base's mean 2.
    assert change.error == pytest.approx(np.std([0.25, -0.5, 0.25], ddof=1) / np.sqrt(3) / 2)


def test_a_change_that_is_the_same_for_everybody_has_no_error():
    base = np.array([1.0, 2.0, 3.0])
    change = relative_change(0.9 * base, base)
    assert (change.mean, change.error) == (pytest.approx(-0.1), pytest.approx(0, abs=1e-12))
    assert relative_change(np.zeros(2), np.zeros(2)) == Figure(0.0, 0.0)


def test_the_error_of_a_change_is_that_of_drawing_customers_again():
    random = np.random.default_rng(1)
    base = random.gamma(2, size=400)
    values = 0.8 * base + random.normal(0, 0.3, 400)
    drawn = random.integers(0, 400, (2_000, 400))
    again = values[drawn].mean(axis=1) / base[drawn].mean(axis=1)
    assert relative_change(values, base).error == pytest.approx(again.std(), rel=0.1)


def test_the_best_setting_costs_at_most_a_hundredth():
    cheap, dear, bold = point("mmr", 0.1, -0.004, 0.05), point("mmr", 0.3, -0.02, 0.4), point("dpp", 0.1, -0.01, 0.12)
    assert best_of([cheap, dear, bold]) == bold
    assert best_of([dear]) is None
    assert best_of([point("mmr", 0.1, 0.01, -0.2)]) is None


def test_every_method_is_there_at_every_strength(report):
    knobs = {}
    for one in report.points:
        knobs.setdefault(one.method, []).append(one.knob)
    assert knobs == {
        **{method: list(STRENGTHS) for method in ("calibration", "dpp", "max_sum", "mmr", "serendipity")},
        "cap": list(map(float, CAPS)),
    }
    assert report.plain.ndcg_change == report.plain.distance_change == Figure(0.0, 0.0)
    assert settings_of("kind")["plain", 0.0] == Diversity()


def test_each_method_brings_what_it_is_for(report):
    at = {(one.method, one.knob): one for one in report.points}
    plain = report.plain.figures
    for method in ("mmr", "dpp", "max_sum"):
        assert at[method, 0.9].distance_change.mean > 0.2
        assert at[method, 0.9].ndcg_change.mean <= 0
    assert at["calibration", 1.0].figures["calibration error"].mean < 0.1 * plain["calibration error"].mean
    assert at["serendipity", 0.9].figures["unexpectedness"].mean > plain["unexpectedness"].mean
    assert at["cap", 1.0].distance_change.mean > at["cap", 5.0].distance_change.mean > 0
    assert report.best is None or report.best.ndcg_change.mean >= -0.01


def test_the_report_is_a_table_a_document_and_a_picture(report, tmp_path):
    document = json.loads(json.dumps(report.to_json(), allow_nan=False))
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(diversity_table(document))
    text = console.export_text()
    assert "all items, seen ones too: 12 customers, lists of 10, caps and calibration by kind" in text
    assert "by score " in text
    assert "calibration 0.05" in text
    assert "at most 2" in text
    assert "nDCG" in text
    (file,) = write_diversity_plots([document], tmp_path / "plots")
    assert file == tmp_path / "plots" / "diversity-all.png"
    assert file.read_bytes().startswith(b"\x89PNG")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_diversity_plots([document], tmp_path / "file")
