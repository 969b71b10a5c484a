import shutil
import subprocess

import grpc
import pytest

from shortlist.v1 import feedback_service_pb2, model_service_pb2, recommender_service_pb2
from shortlist_client import Client, KeepAlive, Retry, Tls, Unavailable, UsageError
from shortlist_client.channel import ChannelPlan, service_config


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Paths of a key and a certificate for "shortlist.test", made for this run."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=shortlist.test", "-addext", "subjectAltName=DNS:shortlist.test"]
    subprocess.run([*make, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


@pytest.fixture
def encrypted(fake_servers, certificate):
    key, chain = (path.read_bytes() for path in certificate)
    return fake_servers(grpc.ssl_server_credentials([(key, chain)], chain, require_client_auth=True))


def test_an_encrypted_connection_with_a_certificate_of_one_s_own(encrypted, certificate):
    key, chain = certificate
    tls = Tls(ca_file=chain, certificate_file=chain, key_file=key, server_name="shortlist.test")

    with Client(encrypted.address, tls=tls, timeout=30.0) as shortlist:
        assert shortlist.recommend("c").item_ids == ("i1", "i2")


def test_a_certificate_for_another_name_is_not_trusted(encrypted, certificate):
    key, chain = certificate
    tls = Tls(ca_file=chain, certificate_file=chain, key_file=key, server_name="other.test")

    with Client(encrypted.address, tls=tls, timeout=30.0, retry=Retry(attempts=1)) as shortlist:
        with pytest.raises(Unavailable):
            shortlist.recommend("c")
        assert encrypted.requests == []


def test_a_certificate_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.pem: No such file"):
        Client("localhost:1", tls=Tls(ca_file=tmp_path / "nothing.pem"))


def test_a_certificate_without_its_key_is_refused():
    with pytest.raises(UsageError, match="belong together"):
        Tls(certificate_file="certificate.pem")


@pytest.mark.parametrize("settings", [{"interval": 0}, {"timeout": -1}])
def test_a_keep_alive_that_cannot_be_is_refused(settings):
    with pytest.raises(UsageError, match="KeepAlive"):
        KeepAlive(**settings)


def test_keep_alive_reaches_the_channel(fake):
    plan = ChannelPlan(addresses="a:1", retry=Retry(), keep_alive=KeepAlive(interval=1.5, timeout=0.25, when_idle=True))

    options = dict(plan.options())

    assert options["grpc.keepalive_time_ms"] == 1500
    assert options["grpc.keepalive_timeout_ms"] == 250
    assert options["grpc.keepalive_permit_without_calls"] == 1


def test_several_encrypted_addresses_share_the_name_of_the_first():
    names = [
        dict(ChannelPlan(addresses=addresses, retry=Retry(), tls=Tls(server_name=name)).options()).get(
            "grpc.ssl_target_name_override"
        )
        for addresses, name in [(["a:1", "b:1"], None), (["a:1", "b:1"], "c"), (["a:1"], None), ("a:1", None)]
    ]

    assert names == ["a", "c", None, None]


@pytest.mark.parametrize("arguments", [{}, {"addresses": "localhost:1", "channel": object()}])
def test_addresses_or_a_channel_but_not_both(arguments):
    with pytest.raises(UsageError, match="either addresses or a channel"):
        Client(**arguments)


def test_retries_follow_the_settings():
    config = service_config(Retry(attempts=3, initial_backoff=0.1, max_backoff=0.4))

    policy = config["methodConfig"][0]["retryPolicy"]
    assert policy == {
        "maxAttempts": 3,
        "initialBackoff": "0.100000s",
        "maxBackoff": "0.400000s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
    }
    assert config["retryThrottling"] == {"maxTokens": 100, "tokenRatio": 0.1}
    assert "methodConfig" not in service_config(Retry(attempts=1))


def test_only_what_exists_and_only_what_changes_nothing_is_repeated():
    services = {
        service.full_name: {method.name for method in service.methods}
        for file in (recommender_service_pb2, model_service_pb2, feedback_service_pb2)
        for service in file.DESCRIPTOR.services_by_name.values()
    }
    names = service_config(Retry())["methodConfig"][0]["name"]

    assert {"service": "shortlist.v1.RecommenderService"} in names
    for name in names:
        assert name["service"] in services
        assert name.get("method", "DescribeModel") in {"DescribeModel", *services[name["service"]]}
    assert {"service": "shortlist.v1.ModelService"} not in names
