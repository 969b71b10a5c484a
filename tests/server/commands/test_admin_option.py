"""Which administrators' addresses `shortlist serve` takes."""

import click
import pytest

from shortlist_server.commands.serve import checked_address


@pytest.mark.parametrize("address", ["", "127.0.0.1:50052", "localhost:0", "[::1]:50052", "127.1.2.3:1"])
def test_what_only_this_machine_reaches_is_taken(address):
    assert checked_address("--admin", address, exposed=False) == address


@pytest.mark.parametrize("address", ["0.0.0.0:50052", "10.0.0.1:50052", "[::]:50052", "shop.example:50052"])
def test_what_others_reach_has_to_be_asked_for(address):
    with pytest.raises(click.UsageError, match="admin-exposed"):
        checked_address("--admin", address, exposed=False)
    assert checked_address("--admin", address, exposed=True) == address


@pytest.mark.parametrize("address", ["50052", "127.0.0.1", "127.0.0.1:", ":50052", "127.0.0.1:70000", "127.0.0.1:x"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(click.UsageError, match="HOST:PORT"):
        checked_address("--admin", address, exposed=True)
