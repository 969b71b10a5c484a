from io import StringIO

import pytest
from demo_replies import fallback, proposed, recommendations, similar
from rich.console import Console

from shortlist_client import Reasons
from shortlist_training.demo.answers import recommended_in, render_answers
from shortlist_training.demo.cast import Cast, Stranger
from shortlist_training.demo.names import ItemNames
from shortlist_training.demo.questions import Answers, Timed

CAST = Cast(
    customer="c[7]",
    latest=("i1", "i2", "i0"),
    stranger=Stranger(features={"age": "25-34", "income": 0.123456}, items=("i0", "i3")),
    seed="i0",
)
NAMES = ItemNames({"i0": "Bananas [yellow]", "i1": "Milk, 1 ga", "i2": "Milk, 1 ga"})


def timed(answer):
    return Timed(answer=answer, first=9.04, median=2.06)


@pytest.fixture
def answers():
    return Answers(
        customer=timed(
            recommendations(proposed(own_past=0), Reasons(), timings_ms={"encode": 1.0, "rerank": 0.5}, candidates=214)
        ),
        stranger=timed(recommendations(proposed(popularity=2), fallbacks=(fallback("cold_start:history"),))),
        similar=timed(similar("i1", "i9")),
    )


def shown(answers):
    console = Console(width=200, file=StringIO())
    for part in render_answers(CAST, answers, NAMES):
        console.print(part, highlight=False)
    return console.file.getvalue()


def test_all_three_questions_are_answered_with_names_and_reasons(answers):
    text = shown(answers)
    for words in (
        "1. A customer the log knows: c[7]",
        "Bananas [yellow]   i0    2.00   taken before",
        "Milk, 1 ga         i1    1.00   fills the list",
        "is: age 25-34, income 0.123",
        "took: Bananas [yellow]; i3",
        "popular now",
        "3. Items similar to Bananas [yellow]",
        "in the space two_tower",
    ):
        assert words in text, text


def test_a_name_that_several_items_share_is_listed_once(answers):
    assert "took last: Milk, 1 ga; Bananas [yellow]\n" in shown(answers)


def test_the_time_a_list_took(answers):
    said = recommended_in(answers.customer)
    assert "answered in 2.1 ms" in said
    assert "9.0 ms the first time" in said
    assert "in the server 1.5 ms (encode 1.0, rerank 0.5)" in said
    assert "214 candidates" in said


def test_what_the_server_fell_back_to_is_said(answers):
    assert recommended_in(answers.stranger).endswith("cold_start:history")


def test_a_bundle_of_ratings_has_no_similar_items(answers):
    without = Answers(customer=answers.customer, stranger=answers.stranger, similar=None)
    assert "no space in which items could be near" in shown(without)
