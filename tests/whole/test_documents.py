"""What README and docs/ say exists: commands, options, make targets, settings, links, RPCs."""

import importlib.util
import re
import shlex
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from shortlist.v1 import (
    catalog_service_pb2,
    customer_service_pb2,
    feedback_service_pb2,
    model_service_pb2,
    recommender_service_pb2,
)
from shortlist_client.command_group import CommandGroup
from shortlist_client.program import GROUP
from shortlist_server.gathering import Gathering
from shortlist_server.loaded import Loaded
from shortlist_server.servicers.catalog import CatalogServicer
from shortlist_server.servicers.customers import CustomerServicer
from shortlist_server.servicers.event_stream import METHOD as EVENT_STREAM
from shortlist_server.servicers.feedback import FeedbackServicer, Recorder
from shortlist_server.servicers.model import ModelServicer
from shortlist_server.servicers.recommender import RecommenderServicer
from shortlist_server.servicers.sessions import METHOD
from shortlist_training.config.toml import parse_config

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SERVICES = {
    service.name: service
    for module in (
        recommender_service_pb2,
        customer_service_pb2,
        catalog_service_pb2,
        feedback_service_pb2,
        model_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
}


def named(page):
    return str(page.relative_to(ROOT))


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def commands(page):
    """Yield every call of the program: lines of blocks, and inline code."""
    text = page.read_text()
    inline = re.findall(r"`((?:\.venv/bin/)?shortlist [^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    lines = [line.strip().removeprefix("$ ") for block in blocks(page, r"\w*") for line in block.splitlines()]
    for line in [*inline, *lines]:
        words = shlex.split(line, comments=True) if re.match(r"(\.venv/bin/)?shortlist [a-z]", line) else []
        # The Python of an example may have a variable of that name.
        if words and "=" not in words[1]:
            yield words[1:]


CALLS = [(named(page), words) for page in PAGES for words in commands(page)]


def test_there_are_commands_to_look_at():
    assert {"README.md", "docs/data.md", "docs/serving.md", "docs/training.md"} <= {page for page, _ in CALLS}


@pytest.mark.parametrize(
    ("page", "words"), CALLS, ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_a_command_and_its_options_exist(page, words):
    command, context = CommandGroup(entry_points(group=GROUP)), click.Context(click.Command("shortlist"))
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name!r}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = {word.split("=")[0] for word in words if word.startswith("-")}
    assert given <= known | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_make_targets_exist(page):
    targets = re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = page.read_text()
    assert set(re.findall(r"`make ([a-z-]+)", text) + re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)) <= set(
        targets
    )


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_of_the_project_that_are_named_exist(page):
    for path in re.findall(
        r"`((?:benchmarks|client|docs|server|tests|tools|training)/[\w./-]+\.\w+)`", page.read_text()
    ):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_examples_of_settings_can_be_read(page):
    for block in blocks(page, "toml"):
        parse_config(tomllib.loads(block))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_examples_in_python_compile_and_import_what_exists(page):
    for block in blocks(page, "python"):
        compile(block, str(page), "exec")
        for line in re.findall(r"^(?:from|import) .*$", block, re.MULTILINE):
            exec(line, {})


def test_the_reference_of_the_configuration_is_fresh():
    specification = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "configuration_reference.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert module.FILE.read_text() == module.reference(), "run .venv/bin/python tools/configuration_reference.py"


def test_the_table_of_rpcs_says_which_answer():
    rows = re.findall(r"^\| `?(\w*Service)`? \| (.*?) \| (.*?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    said = {service: tuple(set(re.findall(r"`(\w+)`", cell)) for cell in cells) for service, *cells in rows}
    loaded = Loaded()
    built = {
        "RecommenderService": {*RecommenderServicer(loaded, gathering=Gathering(largest=1)).behaviours(), METHOD.name},
        "ModelService": {*ModelServicer(loaded).behaviours(), *ModelServicer(loaded).changes()},
        "CatalogService": set(CatalogServicer(loaded).behaviours()),
        "CustomerService": set(CustomerServicer(loaded).behaviours()),
        "FeedbackService": {*FeedbackServicer(Recorder(loaded, None)).behaviours(), EVENT_STREAM.name},
    }
    every = {name: {method.name for method in service.methods} for name, service in SERVICES.items()}
    assert said == {name: (built.get(name, set()), methods - built.get(name, set())) for name, methods in every.items()}
