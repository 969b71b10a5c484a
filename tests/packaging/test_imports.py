"""Every import of another distribution is declared by the extra that the package comes with."""

import ast
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OWN = {"shortlist", "shortlist_bundle", "shortlist_client", "shortlist_server", "shortlist_training"}
EXTRAS = {
    "client/shortlist_client": ["cli", "parquet"],
    "bundle/shortlist_bundle": ["cli", "server"],
    "server/shortlist_server": ["cli", "server"],
    "training/shortlist_training": ["cli", "server", "training"],
}


def imported(folder):
    """Yield (module, file) for every import in a folder, those inside functions included."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((alias.name, path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield node.module, path


def declared(project, extras):
    lines = [*project["project"]["dependencies"]]
    for extra in extras:
        lines += project["project"]["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize("package", EXTRAS)
def test_imports_are_declared(root, project, package):
    distributions = packages_distributions()
    allowed = declared(project, EXTRAS[package])
    missing = set()
    for module, path in imported(root / package):
        top = module.split(".")[0]
        if top in OWN or top in sys.stdlib_module_names:
            continue
        owners = {canonicalize_name(name) for name in distributions.get(top, [])}
        if not owners & allowed:
            missing.add(f"{path.relative_to(root)} imports {top}")
    assert not missing
