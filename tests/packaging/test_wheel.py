import email
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PACKAGES = {
    "shortlist", "shortlist_bench", "shortlist_bundle", "shortlist_client", "shortlist_server", "shortlist_training",
}  # fmt: skip


@pytest.fixture(scope="module")
def names(wheel):
    return zipfile.ZipFile(wheel).namelist()


@pytest.fixture(scope="module")
def metadata(wheel, names):
    (path,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(zipfile.ZipFile(wheel).read(path))


def test_it_holds_the_six_packages_and_nothing_else(names):
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_package_says_that_it_is_typed(names, package):
    assert f"{package}/py.typed" in names


def test_it_holds_no_tests_and_no_caches(names):
    assert not [name for name in names if "test" in name.split("/")[0] or "/test_" in name or "__pycache__" in name]


def test_it_holds_the_generated_code(names):
    assert "shortlist/v1/recommender_service_pb2_grpc.py" in names


def test_the_base_install_is_the_client_alone(metadata):
    requirements = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    base = {requirement.name for requirement in requirements if requirement.marker is None}
    assert base == {"grpcio", "protobuf", "googleapis-common-protos"}


def test_only_the_pythons_that_were_tried_may_install_it(metadata):
    pythons = SpecifierSet(metadata["Requires-Python"])
    assert [minor for minor in range(8, 40) if pythons.contains(f"3.{minor}.1")] == [11, 12, 13]


def test_the_licence_comes_with_it(names, metadata):
    assert metadata["License-Expression"] == "Apache-2.0"
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
