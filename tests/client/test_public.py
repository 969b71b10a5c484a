import inspect
import json
import subprocess
import sys

import pytest

import shortlist_client
from shortlist_client import Client, Session, aio

VERBS = [
    "close",
    "delete_customers",
    "delete_items",
    "describe_model",
    "encode_customers",
    "encode_items",
    "get_item",
    "is_serving",
    "recommend",
    "recommend_batch",
    "record",
    "record_run",
    "score",
    "session",
    "similar_customers",
    "similar_items",
    "upsert_customers",
    "upsert_items",
    "wait_until_serving",
]

SESSION_VERBS = ["close", "event", "quiet_event", "recommend"]

PUBLIC = [
    "Admin",
    "BadRequest",
    "Batch",
    "BatchRow",
    "Bundle",
    "Calibration",
    "CallError",
    "Cancelled",
    "Client",
    "Clock",
    "Column",
    "Conflict",
    "Customer",
    "DeadlineExceeded",
    "Deleted",
    "Direction",
    "Diversity",
    "DiversityMethod",
    "Event",
    "EventOutcome",
    "Exploration",
    "ExplorationReport",
    "Fallback",
    "FeedbackEvent",
    "FilterReport",
    "FilterStrategy",
    "Gate",
    "HistoryShare",
    "Item",
    "ItemScore",
    "KeepAlive",
    "KnownItem",
    "Model",
    "ModelDescription",
    "Moved",
    "Needs",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "Placement",
    "Profile",
    "Reasons",
    "Recommendation",
    "Recommendations",
    "Recorded",
    "RecordedRun",
    "Relaxation",
    "Retry",
    "RuleMove",
    "ScoreKind",
    "Scores",
    "SearchRecall",
    "Seen",
    "Sentinels",
    "ServerError",
    "Session",
    "ShortlistError",
    "SimilarCustomer",
    "SimilarCustomers",
    "SimilarItem",
    "SimilarItems",
    "Skew",
    "Source",
    "SourceRank",
    "Taken",
    "Tls",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "Upserted",
    "UsageError",
    "Vectors",
    "Wish",
    "WishMet",
    "aio",
    "errors",
    "filters",
]

# Only what the base install brings can be imported, as if nothing else were there.
PROBE = """
import json, sys, time
from importlib.abc import MetaPathFinder

class BaseInstall(MetaPathFinder):
    allowed = sys.stdlib_module_names | {"shortlist_client", "shortlist", "grpc", "google", "typing_extensions"}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in self.allowed:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, BaseInstall())
began = time.process_time()
import IMPORTS
print(json.dumps([time.process_time() - began, sorted(sys.modules)]))
"""

LIBRARIES = "grpc.aio, google.protobuf.timestamp_pb2, google.protobuf.struct_pb2, google.rpc.error_details_pb2"
"""What any caller of the service has to import."""


EVERYTHING = "shortlist_client.client, shortlist_client.aio, shortlist_client.filters"
"""What a caller's `from shortlist_client import ...` brings at most."""


def public_methods(kind):
    return sorted(name for name in vars(kind) if not name.startswith("_"))


def probe(imports="shortlist_client"):
    code = PROBE.replace("IMPORTS", imports)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_public_names_are_pinned():
    assert sorted(shortlist_client.__all__) == sorted(PUBLIC)
    assert all(hasattr(shortlist_client, name) for name in PUBLIC)


def test_both_clients_have_the_same_verbs():
    assert public_methods(Client) == public_methods(aio.Client) == VERBS


def test_both_clients_take_the_same_arguments():
    for verb in VERBS:
        parameters = inspect.signature(getattr(Client, verb)).parameters
        assert inspect.signature(getattr(aio.Client, verb)).parameters == parameters, verb


def test_both_sessions_have_the_same_verbs():
    assert public_methods(Session) == public_methods(aio.Session) == SESSION_VERBS
    for verb in SESSION_VERBS:
        parameters = inspect.signature(getattr(Session, verb)).parameters
        assert inspect.signature(getattr(aio.Session, verb)).parameters == parameters, verb


def test_a_session_is_opened_as_a_list_is_asked_for():
    """Whatever one list can be asked for, every list of a session can be, and a single one in it but for a few."""
    session, single = (inspect.signature(verb).parameters for verb in (Client.session, Client.recommend))
    assert session == single
    own = set(inspect.signature(Session.recommend).parameters)
    assert set(single) - own == {"customer_id", "profile", "require_known", "after_position", "model"}


def test_every_verb_takes_one_positional_argument_at_most():
    for verb in VERBS:
        parameters = list(inspect.signature(getattr(Client, verb)).parameters.values())
        assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters[2:]), verb


def test_methods_carry_the_name_and_docstring_of_their_verb():
    assert Client.recommend.__name__ == "recommend"
    assert Client.recommend.__doc__.startswith("Return what a customer should see now")
    assert inspect.signature(Client.recommend).return_annotation is shortlist_client.Recommendations
    assert inspect.iscoroutinefunction(aio.Client.recommend)


def test_every_name_is_found_where_the_package_says():
    for name in PUBLIC:
        assert name in dir(shortlist_client)
        getattr(shortlist_client, name)
    with pytest.raises(AttributeError, match="no attribute 'Clients'"):
        shortlist_client.Clients  # noqa: B018


def test_the_package_by_itself_waits_for_nothing():
    _, modules = probe("shortlist_client, shortlist_client.program")
    assert not {"grpc", "google.protobuf"} & set(modules)


def test_the_help_of_the_commands_waits_for_nothing_either():
    code = "import json, sys, shortlist_client.commands; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"grpc", "google.protobuf", "numpy"} & set(json.loads(done.stdout))


def test_importing_the_client_is_light():
    _, modules = probe(EVERYTHING)
    assert "shortlist_client.aio" in modules
    assert "grpc" in modules
    assert not {"numpy", "tensorflow", "faiss", "click", "rich"} & set(modules)


def test_importing_the_client_costs_less_than_twice_its_libraries():
    """In processor time, each at its best of several turns: the machine may be slow, or busy with other tests."""
    turns = [(probe(EVERYTHING)[0], probe(LIBRARIES)[0]) for _ in range(10)]
    client, libraries = map(min, zip(*turns, strict=True))
    assert client < 2 * libraries
