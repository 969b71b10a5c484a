import json
import re

import pytest
from packaging.specifiers import SpecifierSet


@pytest.fixture(scope="module")
def text(root):
    return (root / "Dockerfile").read_text()


def test_every_stage_starts_from_a_python_that_the_project_accepts(project, text):
    versions = re.findall(r"^FROM python:(\S+)-slim", text, re.MULTILINE)
    assert len(versions) == text.count("\nFROM ")
    assert len(set(versions)) == 1
    assert f"{versions[0]}.1" in SpecifierSet(project["project"]["requires-python"])


def test_it_does_not_run_as_root(text):
    (user,) = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert int(user) > 0


def test_what_it_runs_by_default_is_a_command_with_these_options(text):
    from shortlist_server.commands.serve import serve

    (entry,) = re.findall(r"^ENTRYPOINT (\[.*\])$", text, re.MULTILINE)
    command, *arguments = json.loads(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[0])
    assert json.loads(entry) == ["shortlist"]
    assert command == serve.name
    options = {name for parameter in serve.params for name in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= options


def test_the_health_check_is_a_program_that_compiles(text):
    ((_, flag, program),) = map(json.loads, re.findall(r"^    CMD (\[.*\])$", text, re.MULTILINE))
    assert flag == "-c"
    compile(program, "HEALTHCHECK", "exec")


def test_everything_in_the_wheel_is_let_into_the_build(root, project):
    let_in = [line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    needed = [*packages, *project["project"]["license-files"], project["project"]["readme"], "constraints.txt"]
    for path in needed:
        assert any(path == known or path.startswith(f"{known}/") for known in let_in), path
