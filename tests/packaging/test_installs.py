"""The wheel in environments of its own: what each extra brings is enough, and no more than it should be."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

UV = Path(sys.executable).with_name("uv")

IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.fixture
def install(root, wheel, tmp_path):
    """Install the wheel with an extra and return the folder of the environment's programs."""

    def install(extra):
        folder = tmp_path / "environment"
        subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        target = ["--python", folder, "--constraint", root / "constraints.txt", f"{wheel}{extra}"]
        subprocess.run([UV, "pip", "install", "--quiet", *target], check=True)
        return folder / "bin"

    return install


def loaded(programs, code, *arguments):
    """Run code with warnings as errors and return the words it prints."""
    command = [programs / "python", "-W", "error", "-c", code, *arguments]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_the_base_install_brings_the_client(install):
    programs = install("")
    modules = loaded(programs, "import sys, shortlist_client; shortlist_client.Client; print(*sys.modules)")
    assert "grpc" in modules
    assert not {"click", "rich", "numpy"} & modules
    refused = subprocess.run([programs / "shortlist"], check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "shortlist[cli]" in refused.stderr


def test_the_server_extra_brings_the_server_without_tensorflow(install):
    programs = install("[server]")
    modules = loaded(programs, IMPORT_ALL, "shortlist_bundle", "shortlist_client", "shortlist_server")
    assert not {"tensorflow", "keras", "pyarrow", "pandas"} & modules
    shown = subprocess.run([programs / "shortlist", "serve", "--help"], check=True, capture_output=True, text=True)
    assert "--bundles" in shown.stdout
