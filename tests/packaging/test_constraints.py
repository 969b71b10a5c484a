import re
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def lines(root):
    text = (root / "constraints.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def pins(lines):
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def extras(project, name):
    """Every requirement of an extra, those of the extras it names included."""
    for line in project["project"]["optional-dependencies"][name]:
        requirement = Requirement(line)
        if requirement.name == "shortlist":
            for extra in requirement.extras:
                yield from extras(project, extra)
        else:
            yield requirement


def test_every_line_pins_one_exact_version(lines):
    for line in lines:
        (pin,) = Requirement(line).specifier
        assert pin.operator == "==", line
        assert "*" not in pin.version, line


def test_no_package_is_pinned_twice(lines, pins):
    assert len(lines) == len(pins)


def test_it_names_no_index(root):
    text = (root / "constraints.txt").read_text()
    assert not re.search(r"://|^\s*-|@|--hash", text, re.MULTILINE)


def test_everything_the_project_asks_for_is_pinned_to_a_version_it_accepts(project, pins):
    base = map(Requirement, project["project"]["dependencies"])
    for wanted in [*base, *extras(project, "dev")]:
        (pin,) = pins[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(pin.version), f"{wanted} is pinned to {pin.version}"


def test_it_pins_only_what_the_project_pulls_in(project, pins):
    """Follow the requirements of what is installed: every pin that applies here is reached."""
    base = [Requirement(line) for line in project["project"]["dependencies"]]
    open_ends, reached = [*base, *extras(project, "dev")], set()
    while open_ends:
        requirement = open_ends.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        for extra in ["", *requirement.extras]:
            if (name, extra) not in reached:
                reached.add((name, extra))
                children = map(Requirement, distribution(name).requires or [])
                open_ends += [child for child in children if applies(child, extra)]
    here = {name for name, pin in pins.items() if pin.marker is None or pin.marker.evaluate()}
    assert here == {name for name, _ in reached}


def applies(requirement, extra):
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
