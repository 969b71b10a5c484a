import socket

import pytest

from shortlist_client import UsageError
from shortlist_client.addresses import host_of, target_of


@pytest.fixture
def names(monkeypatch):
    """Name -> addresses by family, in place of the real look-up."""
    known = {
        "a": {socket.AF_INET: ["10.0.0.1"], socket.AF_INET6: ["fd00::1"]},
        "b": {socket.AF_INET: ["10.0.0.2", "10.0.0.3"]},
        "six": {socket.AF_INET6: ["fd00::6"]},
    }

    def look_up(host, port, family, kind):
        found = known.get(host, {}).get(family)
        if not found:
            raise socket.gaierror(host)
        return [(family, kind, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    ["localhost:50051", "10.0.0.1:1", "[::1]:50051", "dns:///shortlist:50051", "unix:/run/shortlist"],
)
def test_one_address_is_left_to_grpc(address):
    assert target_of(address) == address
    assert target_of([address]) == address


@pytest.mark.parametrize(
    "address", ["", "localhost", "localhost:", ":50051", "localhost:http", "localhost:70000", "a:²"]
)
def test_an_address_without_host_or_port_is_refused(address):
    with pytest.raises(UsageError, match="is not host:port"):
        target_of(address)


def test_no_address_is_refused():
    with pytest.raises(UsageError, match="no address"):
        target_of([])


def test_several_names_become_the_addresses_of_all(names):
    assert target_of(["a:1", "b:2"]) == "ipv4:10.0.0.1:1,10.0.0.2:2,10.0.0.3:2"


def test_a_name_given_twice_counts_once(names):
    assert target_of(["a:1", "a:1"]) == "ipv4:10.0.0.1:1"


def test_a_host_without_ipv4_moves_all_to_ipv6(names):
    assert target_of(["a:1", "six:2"]) == "ipv6:[fd00::1]:1,[fd00::6]:2"


def test_hosts_that_share_no_family_are_refused(names):
    with pytest.raises(UsageError, match="hosts b, six"):
        target_of(["b:1", "six:2"])


def test_the_host_of_the_first_address():
    assert host_of(["shortlist.internal:1", "b:2"]) == "shortlist.internal"
    assert host_of("[::1]:50051") == "::1"
