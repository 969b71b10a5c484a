"""Long runs in portions: counted, refused rows by their place in the file, told before an error."""

import json

import click
import pytest

from shortlist_client import BadRequest, Unavailable
from shortlist_client.changes import Deleted, Upserted
from shortlist_client.commands import portions
from shortlist_client.commands.portions import PORTION, Tally

WRONG = BadRequest("attributes[price]: 'dear' is no number", violations={"attributes[price]": "'dear' is no number"})


def sent(rows, *, fails_at=None, tally=None):
    tally, sizes = tally or Tally(what="items"), []

    def call(portion):
        sizes.append(len(portion))
        if len(sizes) == fails_at:
            raise Unavailable("gone")
        errors = {1: WRONG} if len(sizes) == 2 else {}
        stored = len(portion) - len(errors)
        return Upserted(stored=stored, errors=errors, unknown_attributes=("colour",), position=str(len(sizes)))

    tally.send(rows, call)
    return tally, sizes


def test_rows_are_counted_over_all_portions(capsys):
    tally, sizes = sent(range(2 * PORTION + 3))
    assert sizes == [PORTION, PORTION, 3]
    with pytest.raises(click.exceptions.Exit) as caught:
        tally.show("stored", where="items.csv", as_json=False)
    assert caught.value.exit_code == 1
    told = capsys.readouterr()
    assert told.out == "stored 1,002, refused 1; position 3\n"
    assert f"items.csv, row {PORTION + 2}, column price: 'dear' is no number" in told.err
    assert "colour" in told.err


def test_programs_read_json(capsys):
    tally, _ = sent(range(5))
    tally.show("stored", where="items.csv", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "stored": 5, "unknown": 0, "refused": 0, "position": "1", "unknown_attributes": ["colour"], "errors": {},
    }  # fmt: skip


def test_what_was_done_is_said_before_an_error(capsys):
    with pytest.raises(Unavailable):
        sent(range(3 * PORTION), fails_at=3)
    assert "ended after 1,000 items" in capsys.readouterr().err
    with pytest.raises(Unavailable):
        sent(range(3), fails_at=1)
    assert not capsys.readouterr().err


def test_many_errors_are_not_all_shown(capsys):
    tally = Tally(what="items", errors=dict.fromkeys(range(1, 31), WRONG))
    with pytest.raises(click.exceptions.Exit):
        tally.show("stored", where="items.csv", as_json=False)
    assert "and 10 more" in capsys.readouterr().err


def test_unknown_ids_are_counted(capsys):
    tally = Tally(what="items")
    tally.send("abc", lambda portion: Deleted(deleted=2, unknown=1, position="9"))
    tally.show("deleted", where="ITEM", as_json=False)
    assert capsys.readouterr().out == "deleted 2, refused 0, unknown 1; position 9\n"


def test_how_far_it_is_is_said_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(portions, "SAY_EVERY", 0.0)
    sent(range(2 * PORTION))
    assert capsys.readouterr().err.splitlines() == ["500 items sent", "1,000 items sent"]
