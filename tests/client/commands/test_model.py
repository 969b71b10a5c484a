"""`shortlist model`: what it asks, and what it prints."""

import json

import pytest
from click.testing import CliRunner

from shortlist_client import Bundle, Model, Moved
from shortlist_client.commands.model import model

BUNDLE = Bundle(model="default", version="two", id="abc")


class FakeAdmin:
    asked = []

    def __init__(self, *address, **options):
        type(self).asked.append((address, options))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def list(self):
        return (Model(model="default", versions=("two", "one"), aliases={"stable": "one"}, loaded_versions=("one",)),)

    def load(self, version):
        return BUNDLE

    def promote(self, version, **options):
        self.asked.append((version, options))
        return Moved(bundle=BUNDLE, previous_version="one")

    def rollback(self, alias, **options):
        return Moved(bundle=BUNDLE, previous_version="")


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr("shortlist_client.admin.Admin", FakeAdmin)
    FakeAdmin.asked = []

    def invoke(*arguments):
        done = CliRunner().invoke(model, arguments)
        assert done.exit_code == 0, done.output
        return done.output

    return invoke


def test_it_lists_what_is_there_and_what_is_loaded(run):
    assert run("list").splitlines() == ["default/two", "default/one  loaded  <- stable"]
    assert json.loads(run("list", "--json"))[0]["versions"] == ["two", "one"]


def test_it_loads_promotes_and_rolls_back(run):
    assert run("load", "two", "--server", "127.0.0.1:9") == "default/two is loaded, bundle abc\n"
    assert FakeAdmin.asked[0] == (("127.0.0.1:9",), {"model": "", "timeout": 300.0})
    assert run("promote", "two", "--expected-current", "one") == "default/stable: one -> two, bundle abc\n"
    assert FakeAdmin.asked[-1] == ("two", {"alias": "stable", "expected_current": "one", "force": False})
    run("promote", "two", "--force")
    assert FakeAdmin.asked[-1][1]["force"]
    assert run("rollback", "--alias", "canary") == "default/canary: nothing -> two, bundle abc\n"
    assert json.loads(run("rollback", "--json"))["bundle"]["version"] == "two"
