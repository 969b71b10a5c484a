from demo_replies import proposed, recommendations

from shortlist_training.config.run import SourcesConfig
from shortlist_training.demo.reasons import FILLED, RATED, WORDS, in_words, reason, reasons


def test_the_highest_rank_speaks_first_and_ranks_count_from_one():
    assert reason(proposed(popularity=4, own_past=0)) == "taken before #1, popular now #5"


def test_at_most_three_sources_speak():
    said = reason(proposed(own_past=9, two_tower=3, item_cf=1, embedding=0))
    assert said == "taken by people alike #1, goes with what they took #2, fits this customer #4"


def test_every_source_of_the_default_configuration_has_words():
    assert set(SourcesConfig().names) <= set(WORDS)


def test_a_source_without_words_keeps_its_name():
    assert in_words("user_cf") == "user cf"


def test_an_item_that_nobody_proposed_fills_the_list():
    assert reasons(recommendations(proposed(own_past=0), ())) == ["taken before #1", FILLED]


def test_where_there_are_no_sources_the_rating_is_the_reason():
    assert reasons(recommendations((), ())) == [RATED, RATED]
