"""What the server writes of reasons, and what the client reads of it."""

from fakes import EXPLANATION

from shortlist_client.reasons import HistoryShare, Reasons, RuleMove, SourceRank, Taken
from shortlist_client.translation.explanations import explained
from shortlist_server.pipeline.reply import Explanation
from shortlist_server.wire.explanations import write_explanation


def test_what_the_server_writes_the_client_reads():
    found = explained(write_explanation(EXPLANATION), ("source:popular", "item"))
    assert found == Reasons(
        sources=(
            SourceRank(
                source="popular",
                rank=0,
                score=1.0,
                history=(HistoryShare(item_id="apple", share=0.5),),
                history_share=0.75,
            ),
        ),
        score_changes={"source:popular": 0.5, "item": -0.25},
        taken=Taken(count=2, since=10.0, gap=None),
        moves=(RuleMove(rule="cap", ranks=-1),),
    )


def test_nothing_told_is_nothing_read():
    assert not explained(write_explanation(Explanation()), ("item",))
