import signal
import subprocess
import sys
import types
from importlib.metadata import EntryPoint

import click
import pytest

from shortlist_client import extras
from shortlist_client.program import GROUP, NEEDS_CLI, run

WITHOUT = """
import sys
sys.modules[{missing!r}] = None
from shortlist_client.program import run
sys.exit(run(["--help"], []))
"""


class Regrettable(Exception):
    user_message = True


@click.group()
def greet():
    """Say hello."""


@greet.command()
@click.option("--name", default="you")
def world(name):
    click.echo(f"hello {name}")


@click.command()
@click.argument("how")
def fail(how):
    """Go wrong in some way."""
    problems = {
        "user": Regrettable("row 3 of\n  items.csv is bad"),
        "defect": RuntimeError("a defect"),
        "interrupt": KeyboardInterrupt(),
        "library": ModuleNotFoundError("No module named 'keras'", name="keras"),
        "own": ModuleNotFoundError("No module named 'shortlist_training.gone'", name="shortlist_training.gone"),
    }
    if how == "exit":
        click.get_current_context().exit(3)
    raise problems[how]


@pytest.fixture
def commands(monkeypatch, tmp_path):
    """Entry points of a package that works, and of one whose library is not installed."""
    (tmp_path / "lost_commands.py").write_text("import absent_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = types.ModuleType("shortlist_training")
    module.greet, module.fail = greet, fail
    monkeypatch.setitem(sys.modules, "shortlist_training", module)
    monkeypatch.setattr(
        extras, "_EXTRAS", {"shortlist_training": ("training", "json"), "lost_commands": ("server", "absent_library")}
    )
    named = {"greet": "shortlist_training:greet", "fail": "shortlist_training:fail", "lost": "lost_commands:lost"}
    return [EntryPoint(name=name, value=value, group=GROUP) for name, value in named.items()]


def test_help_lists_every_command_with_its_short_help(commands, capsys):
    assert run(["--help"], commands) == 0

    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["greet", "Say hello."] in lines
    assert ["fail", "Go wrong in some way."] in lines
    assert ["lost", "(needs shortlist[server])"] in lines


def test_a_command_that_loads_but_misses_its_library_says_so_in_the_list(commands, capsys, monkeypatch):
    monkeypatch.setattr(extras, "_EXTRAS", {"shortlist_training": ("training", "not_a_library")})

    assert run(["--help"], commands[:1]) == 0

    assert "Say hello. (needs shortlist[training])" in capsys.readouterr().out


def test_a_command_runs_with_its_arguments(commands, capsys):
    assert run(["greet", "world", "--name", "there"], commands) == 0
    assert capsys.readouterr().out == "hello there\n"


def test_only_the_command_that_is_asked_for_is_imported(commands, monkeypatch):
    loaded = []
    load = EntryPoint.load
    monkeypatch.setattr(EntryPoint, "load", lambda self: loaded.append(self.name) or load(self))

    run(["greet", "world"], commands)

    assert loaded == ["greet"]


def test_a_command_whose_extra_is_missing_says_how_to_get_it(commands, capsys):
    assert run(["lost", "--data", "folder", "-x", "1"], commands) == 2

    text = capsys.readouterr().err
    assert text.startswith("error: the command `lost` needs the extra `server`: pip install 'shortlist[server]'")
    assert text.count("\n") == 1


def test_a_library_that_is_missed_while_running_is_explained_too(commands, capsys):
    assert run(["fail", "library"], commands) == 2
    assert "pip install 'shortlist[training]' (No module named 'keras')" in capsys.readouterr().err


def test_a_module_of_our_own_that_is_missing_is_a_defect(commands, monkeypatch):
    monkeypatch.setattr(extras, "_EXTRAS", {**extras._EXTRAS, "shortlist_training": ("training", "json")})

    with pytest.raises(ModuleNotFoundError, match="gone"):
        run(["fail", "own"], commands)


def test_an_error_for_the_user_is_one_line(commands, capsys):
    assert run(["fail", "user"], commands) == 2
    assert capsys.readouterr() == ("", "error: row 3 of items.csv is bad\n")


def test_a_defect_keeps_its_traceback(commands):
    with pytest.raises(RuntimeError, match="a defect"):
        run(["fail", "defect"], commands)


def test_ctrl_c_exits_as_shells_expect(commands):
    assert run(["fail", "interrupt"], commands) == 128 + signal.SIGINT


def test_a_command_may_choose_its_exit_code(commands):
    assert run(["fail", "exit"], commands) == 3


@pytest.mark.parametrize("arguments", [["nonsense"], ["greet", "nobody"], ["greet", "world", "--age", "3"]])
def test_wrong_usage_exits_with_2(commands, capsys, arguments):
    assert run(arguments, commands) == 2
    assert "Usage: shortlist" in capsys.readouterr().err


def test_no_arguments_show_the_help(commands, capsys):
    run([], commands)

    # Releases of click differ in where they print it and in the exit code.
    assert "Say hello." in "".join(capsys.readouterr())


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_cli_the_program_says_what_to_install(missing):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{NEEDS_CLI}\n")
