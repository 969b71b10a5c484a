import io
import json
from importlib.metadata import EntryPoint

import grpc
import pytest

from shortlist.v1 import needs_pb2, policy_pb2, recommend_pb2, reply_pb2, score_pb2, similar_pb2, value_pb2
from shortlist_client.program import GROUP, run

COMMANDS = [
    EntryPoint(name=name, value=f"shortlist_client.commands:{name}", group=GROUP)
    for name in ("recommend", "similar", "score")
]


@pytest.fixture
def shortlist(fake, capsys, monkeypatch):
    """Runs the program against the fake server: arguments -> exit code, standard output, standard error."""
    monkeypatch.setenv("SHORTLIST_SERVER", fake.address)
    monkeypatch.setenv("COLUMNS", "120")

    def run_program(*arguments):
        code = run(list(arguments), COMMANDS)
        return code, *capsys.readouterr()

    return run_program


def test_recommend_sends_what_the_options_say(shortlist, fake):
    code, _, error = shortlist(
        *["recommend", "c1", "-k", "3", "--features", "age=35-44", "--features", "children=2", "--history", "i1,i2"],
        *["--history", "i3", "--filter", "brand=National", "--exclude", "i8,i9", "--seen", "exclude"],
        *["--as-of", "2017-06-01", "--context", "device=phone", "--explain", "--model", "food", "--placement", "home"],
    )

    assert (code, error) == (0, "")
    request = fake.request
    assert (request.customer_id, request.k, request.as_of) == ("c1", 3, 1496275200.0)
    assert request.profile.features["age"].text == "35-44"
    assert request.profile.features["children"].integer == 2
    assert list(request.profile.history.item_ids) == ["i1", "i2", "i3"]
    assert request.filter.equals.value.text == "National"
    assert list(request.exclude_item_ids) == ["i8", "i9"]
    assert request.seen == 3
    assert request.context["device"].text == "phone"
    assert request.explain
    assert (request.model, request.placement) == ("food", "home")


def test_recommend_sends_how_varied_the_list_is_to_be(shortlist, fake):
    code, _, error = shortlist(
        *["recommend", "c1", "--diversity", "mmr:0.3", "--cap", "category=2", "--cap", "a=b=3"],
        *["--quota", "brand=Private", "--quota", "brand=18:00:2", "--quota", "kind=new:3", "--serendipity", "0.25"],
    )

    assert (code, error) == (0, "")
    assert fake.request.diversity == policy_pb2.Diversity(
        method=policy_pb2.DIVERSITY_METHOD_MMR,
        strength=0.3,
        caps={"category": 2, "a=b": 3},
        quotas=[
            policy_pb2.Quota(attribute="brand", value="Private", at_least=1),
            policy_pb2.Quota(attribute="brand", value="18:00", at_least=2),
            policy_pb2.Quota(attribute="kind", value="new", at_least=3),
        ],
        serendipity=0.25,
    )
    shortlist("recommend", "c1", "--diversity", "max_sum:0.5")
    assert fake.request.diversity == policy_pb2.Diversity(method=policy_pb2.DIVERSITY_METHOD_MAX_SUM, strength=0.5)
    shortlist("recommend", "c1", "--diversity", "none")
    assert fake.request.diversity == policy_pb2.Diversity(method=policy_pb2.DIVERSITY_METHOD_NONE)
    shortlist("recommend", "c1")
    assert not fake.request.HasField("diversity")
    assert "is not one of policy, none, mmr" in shortlist("recommend", "c1", "--diversity", "magic")[2]


def test_recommend_shows_a_table(shortlist, fake):
    fake.answer(
        recommend_pb2.RecommendResponse(
            item_ids=["i1", "[red]i2"],
            scores=[0.5, 0.25],
            source_masks=[0b11, 0b10],
            sources=["two_tower", "popular"],
            bundle=reply_pb2.Bundle(model="food", version="v2"),
            as_of=1496275200.0,
            clock=reply_pb2.CLOCK_LOG_END,
            fallbacks=[reply_pb2.Fallback(code="cold_start", text="The customer is new.")],
            unknown_attributes=["shoe_size"],
            unknown_item_count=1,
        )
    )

    _, output, _ = shortlist("recommend", "c1")

    rows = [line.split() for line in output.splitlines()]
    assert ["1", "i1", "0.5000", "two_tower,", "popular"] in rows
    assert ["2", "[red]i2", "0.2500", "popular"] in rows
    assert "bundle food/v2, as of 2017-06-01 00:00:00+00:00 (log_end)" in output
    assert "the customer is not known" in output
    assert "cold_start: The customer is new." in output
    assert "ignored features: shoe_size" in output
    assert "1 items of the request are not in the catalogue" in output


def test_explain_shows_why(shortlist, fake):
    why = recommend_pb2.Explanation(sources=[recommend_pb2.SourceRank(source="again", rank=2, score=0.125)])
    fake.answer(recommend_pb2.RecommendResponse(item_ids=["i1"], scores=[0.5], explanations=[why]))

    _, output, _ = shortlist("recommend", "c1", "--explain")

    assert "Proposed by again." in output


def test_needs_and_sources_are_sent(shortlist, fake):
    code, _, error = shortlist(
        *["recommend", "--must", "brand=X", "--must", "price<=30", "--wish", "2*price~20±5", "--wish", "price:lowest"],
        *["--wish-weight", "0.75", "--relax", "--source", "knowledge", "--source", "two_tower=0.5:2"],
    )

    assert (code, error) == (0, "")
    found = fake.request.needs
    assert [must.WhichOneof("condition") for must in found.musts] == ["equals", "range"]
    assert [(wish.attribute, wish.weight) for wish in found.wishes] == [("price", 2.0), ("price", 1.0)]
    assert (found.weight, found.relax) == (0.75, True)
    sources = [(one.source, one.weight, one.quota) for one in fake.request.sources]
    assert sources == [("knowledge", 1.0, 0), ("two_tower", 0.5, 2)]


def test_explain_shows_which_wishes_are_met(shortlist, fake):
    met = [
        needs_pb2.WishMet(attribute="price", met=True, degree=1.0, value=value_pb2.Value(number=19.5)),
        needs_pb2.WishMet(attribute="brand", degree=0.0, value=value_pb2.Value(text="[b]")),
        needs_pb2.WishMet(attribute="tags", value=value_pb2.Value(texts=value_pb2.TextList(values=["a", "b"]))),
        needs_pb2.WishMet(attribute="organic", value=value_pb2.Value(flag=False)),
        needs_pb2.WishMet(attribute="size"),
        needs_pb2.WishMet(attribute="length", degree=0.25, value=value_pb2.Value(number=3.0)),
    ]
    why = recommend_pb2.Explanation(wishes_met=met)
    fake.answer(
        recommend_pb2.RecommendResponse(
            item_ids=["i1"],
            scores=[0.5],
            explanations=[why],
            relaxations=[needs_pb2.Relaxation(musts=[0], item_count=14, text="without `brand = X` there are 14")],
        )
    )

    _, output, _ = shortlist("recommend", "--explain")

    said = " ".join(output.split())
    assert "meets price 19.5; partly length 3 (0.25); not brand [b], tags a+b, organic no, size unknown" in said
    assert "no item meets every must; without `brand = X` there are 14" in said


def test_recommend_as_json(shortlist):
    _, output, _ = shortlist("recommend", "--history", "i1", "--json")

    found = json.loads(output)
    assert [item["item_id"] for item in found["items"]] == ["i1", "i2"]
    assert found["bundle"] == {"model": "default", "version": "v1", "id": "abc"}
    assert found["clock"] is None


def test_similar_customers(shortlist, fake):
    code, output, error = shortlist("similar", "--customer", "c1", "-k", "2")
    assert (code, error) == (0, "")
    assert (fake.request.customer_id, fake.request.k) == ("c1", 2)
    assert "c2" in output
    assert "0.5000" in output
    assert "cold_start:features" in output
    found = json.loads(shortlist("similar", "--customer", "c1", "--json")[1])
    assert [one["customer_id"] for one in found["customers"]] == ["c2", "c3"]


@pytest.mark.parametrize("arguments", [(), ("i1", "--customer", "c1"), ("--customer", "c1", "--space", "content")])
def test_similar_wants_one_seed_and_no_settings_of_items_for_customers(shortlist, fake, arguments):
    code, _, error = shortlist("similar", *arguments)
    assert code == 2
    assert "--customer" in error
    assert not fake.requests


def test_similar(shortlist, fake):
    fake.answer(similar_pb2.SimilarItemsResponse(item_ids=["i2"], scores=[0.5], space="embedding"))

    code, output, _ = shortlist(
        "similar", "i1", "-k", "3", "--space", "embedding", "--filter", "a=1", "--filter", "a=2"
    )

    assert code == 0
    assert (fake.request.item_id, fake.request.k, fake.request.space) == ("i1", 3, "embedding")
    assert [one.integer for one in fake.request.filter.any_of.values] == [1, 2]
    assert ["1", "i2", "0.5000"] in [line.split() for line in output.splitlines()]
    assert json.loads(shortlist("similar", "i1", "--json")[1])["items"][0]["item_id"] == "i2"


def test_conditions_become_one_filter_and_its_report_is_shown(shortlist, fake):
    report = reply_pb2.FilterReport(
        strategy=reply_pb2.FILTER_STRATEGY_GATHERED, matching_count=1_234, scanned_count=1_200, survived_count=1_199
    )
    fake.answer(recommend_pb2.RecommendResponse(filter_report=report))

    _, output, _ = shortlist("recommend", "c1", "--filter", "price<=20", "--filter", "kind=a|b", "--filter", "brand!=x")

    kinds, price, brand = fake.request.filter.all.filters
    assert [one.text for one in kinds.any_of.values] == ["a", "b"]
    assert (price.range.attribute, price.range.at_most) == ("price", 20.0)
    assert brand.negation.filter.equals.value.text == "x"
    assert "1,234 items meet the filter; 1,200 scanned, 1,199 of them allowed (gathered)" in output


def test_the_report_of_similar_items_is_shown_and_is_in_the_json(shortlist, fake):
    answer = similar_pb2.SimilarItemsResponse(filter_report=reply_pb2.FilterReport(matching_count=3))
    fake.answer(answer)
    assert "3 items meet the filter; 0 scanned, 0 of them allowed\n" in shortlist("similar", "i1")[1]
    fake.answer(answer)
    told = json.loads(shortlist("similar", "i1", "--json")[1])["filter_report"]
    assert told == {"strategy": None, "matching": 3, "scanned": 0, "survived": 0}


def test_score(shortlist, fake):
    fake.answer(
        score_pb2.ScoreResponse(
            item_ids=["i1", "i2"], scores=[4.5, 1], kind=score_pb2.SCORE_KIND_RATING, known_customer=True
        )
    )

    code, output, _ = shortlist("score", "", "i1", "i2", "--features", 'zip="02139"')

    assert code == 0
    assert fake.request.customer_id == ""
    assert list(fake.request.item_ids) == ["i1", "i2"]
    assert fake.request.profile.features["zip"].text == "02139"
    rows = [line.split() for line in output.splitlines()]
    assert ["item", "rating"] in rows
    assert ["i1", "4.5000"] in rows
    assert json.loads(shortlist("score", "c1", "i1", "--json")[1])["kind"] == "probability"


def test_an_error_of_the_server_is_one_line(shortlist, fake):
    fake.refuse(grpc.StatusCode.NOT_FOUND, "unknown item 'i1'")

    assert shortlist("similar", "i1") == (2, "", "error: unknown item 'i1'\n")


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--features", "age", "'age' is not NAME=VALUE"),
        ("--filter", "=x", "'=x' is not a condition such as brand=Private"),
        ("--filter", "price<=cheap", "'cheap' is neither seconds since 1970 nor ISO time"),
        ("--must", "price", "'price' is not a condition such as brand=Private"),
        ("--wish", "price:cheap", "'price:cheap' ends neither in :lowest nor in :highest"),
        ("--source", "a=b", "'b' in 'a=b' is not a number"),
        ("--as-of", "june", "'june' is neither seconds since 1970 nor ISO time"),
        ("-k", "0", "0 is not in the range x>=1"),
        ("--diversity", "mmr:2", "'mmr:2' is not METHOD:STRENGTH"),
        ("--diversity", "mmr:much", "'mmr:much' is not METHOD:STRENGTH"),
        ("--cap", "category", "'category' is not NAME=NUMBER"),
        ("--cap", "category=two", "'category=two' is not NAME=NUMBER"),
        ("--quota", "brand", "'brand' is not NAME=VALUE"),
    ],
)
def test_an_option_that_cannot_be_read_is_named(shortlist, fake, option, value, complaint):
    code, _, error = shortlist("recommend", "c1", option, value)

    assert code == 2
    assert f"Invalid value for '{option}': {complaint}" in error
    assert fake.requests == []


def test_the_commands_are_registered(pytestconfig):
    import tomllib

    project = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text())["project"]
    registered = project["entry-points"][GROUP]
    assert {name: registered[name] for name in ("recommend", "score", "similar")} == {
        command.name: command.value for command in COMMANDS
    }
    assert project["scripts"]["shortlist"] == "shortlist_client.program:main"


def test_a_session_reads_items_and_shows_a_list_after_each(shortlist, fake, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("i1\n\n  i2  \n"))
    code, output, error = shortlist("recommend", "c1", "-k", "3", "--session", "--json", "--as-of", "12")

    assert (code, error) == (0, "")
    assert [json.loads(line)["items"][0]["item_id"] for line in output.splitlines()] == ["i1"] * 3
    assert [request.WhichOneof("message") for request in fake.requests] == ["open", "request", "event", "event"]
    assert (fake.requests[0].open.customer_id, fake.requests[0].open.k) == ("c1", 3)
    assert [request.event.item_id for request in fake.requests[2:]] == ["i1", "i2"]


def test_a_session_shows_tables_too(shortlist, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("i1\n"))
    _, output, _ = shortlist("recommend", "c1", "--session")

    assert output.count("bundle default/v1") == 2
