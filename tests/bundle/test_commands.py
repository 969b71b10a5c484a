import json
import subprocess
import sys
import types

import numpy as np
import pytest
from click.testing import CliRunner

from shortlist_bundle.commands import bundle
from shortlist_bundle.errors import BundleDamaged, BundleNotFound, Conflict, GoldenMismatch
from shortlist_bundle.files import BundleContents, promote, resolve, write_bundle


@pytest.fixture
def root(tmp_path):
    for number, version in enumerate(("one", "two")):
        contents = BundleContents(arrays={"items/vectors": np.full((3, 2), number)}, documents={"policy": {"k": 10}})
        write_bundle(tmp_path, "default", contents, version=version)
    promote(tmp_path, "default", "one")
    return tmp_path


@pytest.fixture
def run(root):
    def invoke(command, *arguments):
        result = CliRunner().invoke(bundle, [command, "--bundles", str(root), *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def golden(monkeypatch, passed):
    module = types.ModuleType("shortlist_bundle.golden")
    module.__spec__ = types.SimpleNamespace(name=module.__name__)
    module.replay = lambda opened: types.SimpleNamespace(passed=passed, lines=[f"2 requests of {opened.ref.version}"])
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_list_shows_versions_and_aliases(run):
    lines = run("list").splitlines()
    assert [line.split()[0] for line in lines] == ["default/one", "default/two"]
    assert lines[0].endswith("<- stable")
    assert run("list", "--all") == run("list")
    listed = json.loads(run("list", "--json"))
    assert [info["version"] for info in listed["default"]] == ["one", "two"]


def test_list_shows_what_is_damaged_beside_what_is_not(run, root):
    (root / "default" / "one" / "manifest.json").unlink()
    lines = run("list").splitlines()
    assert any("default/one" in line and "cannot be read" in line for line in lines)
    assert any("default/two" in line and "cannot be read" not in line for line in lines)


def test_inspect_shows_the_parts(run):
    assert "int64 [3, 2]" in run("inspect")
    described = json.loads(run("inspect", "--version", "two", "--json"))
    assert described["version"] == "two"
    # Nothing points to it, and a bundle without a model offers nothing.
    assert [described[name] for name in ("aliases", "sources", "needs_sources", "placements")] == [[], [], [], {}]
    assert json.loads(run("inspect", "--json"))["aliases"] == ["stable"]
    assert [file["name"] for file in described["files"]] == ["items/vectors.npy", "policy.json", "report/written.json"]


def test_verify_replays_the_golden_requests(run, monkeypatch):
    golden(monkeypatch, passed=True)
    assert "2 requests of one" in run("verify")
    assert json.loads(run("verify", "--json"))["golden_passed"] is True
    golden(monkeypatch, passed=False)
    with pytest.raises(GoldenMismatch, match="'one'"):
        run("verify")


def test_verify_says_when_it_cannot_replay(run, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "not replayed" in run("verify")


def test_verify_refuses_damage(run, root):
    path = root / "default" / "two" / "policy.json"
    path.write_bytes(path.read_bytes().replace(b"10", b"11"))
    with pytest.raises(BundleDamaged, match=r"policy\.json"):
        run("verify", "--version", "two")
    with pytest.raises(BundleDamaged, match=r"policy\.json"):
        run("promote", "--version", "two")
    assert resolve(root, "default", "stable") == "one"


def test_promote_and_rollback_move_the_alias(run, root):
    assert run("promote", "--version", "two") == "default/stable: one -> two\n"
    assert run("promote", "--version", "two") == "default/stable stays at two\n"
    with pytest.raises(Conflict):
        run("promote", "--version", "one", "--expected-current", "one")
    assert json.loads(run("rollback", "--json")) == {
        "model": "default",
        "alias": "stable",
        "previous": "two",
        "current": "one",
    }
    assert run("promote", "--version", "two", "--alias", "canary") == "default/canary: nothing -> two\n"


def test_the_help_needs_no_numpy():
    program = (
        "import sys; sys.modules['numpy'] = None; from shortlist_bundle.commands import bundle; bundle(['--help'])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "rollback" in told.stdout


def test_a_model_that_is_not_there_is_said(run):
    with pytest.raises(BundleNotFound, match="'films'"):
        run("list", "--model", "films")
