from demo_replies import proposed, recommendations

from shortlist_client import HistoryShare, Reasons, SourceRank
from shortlist_client.sentences import PHRASES
from shortlist_training.config.run import SourcesConfig
from shortlist_training.demo.names import ItemNames
from shortlist_training.demo.reasons import FILLED, RATED, reasons

NAMES = ItemNames({"i7": "Milk, 1 ga"})


def test_items_of_the_history_are_called_by_their_names():
    pulled = SourceRank(source="item_cf", rank=0, score=1.0, history=(HistoryShare(item_id="i7", share=1.0),))
    assert reasons(recommendations(Reasons(sources=(pulled,))), NAMES) == ["goes with Milk, 1 ga"]


def test_every_source_of_the_default_configuration_has_words():
    assert set(SourcesConfig().names) <= set(PHRASES)


def test_an_item_that_nobody_proposed_fills_the_list():
    assert reasons(recommendations(proposed(own_past=0), Reasons()), NAMES) == ["taken before", FILLED]


def test_where_there_are_no_sources_the_rating_is_the_reason():
    assert reasons(recommendations(Reasons(), Reasons()), NAMES) == [RATED, RATED]
