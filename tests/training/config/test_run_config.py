import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import UnionType
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import catalogue_of

from shortlist_bundle.diversity.settings import Diversity, Quota
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.shares import SourceShare
from shortlist_training.config.limits import CHOICES, FILLED, RANGES, check_config, range_of
from shortlist_training.config.policies import check_policies, check_sources
from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import config_to_json, config_to_toml, parse_config, read_config
from shortlist_training.errors import ConfigError
from shortlist_training.log.config import DataConfig
from shortlist_training.log.feedback import FeedbackKind

SECTIONS = [entry.name for entry in fields(RunConfig) if is_dataclass(getattr(RunConfig(), entry.name))]


def values_of(place, hint):
    """Draw what a setting may be."""
    if isinstance(hint, UnionType):
        return st.one_of([values_of(place, option) for option in get_args(hint)])
    if get_origin(hint) is tuple:
        one = values_of(place, get_args(hint)[0])
        return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
    if get_origin(hint) is Mapping:
        return st.dictionaries(st.text(max_size=5), st.floats(-1, 1), max_size=3)
    if hint is str:
        return st.sampled_from(CHOICES[place]) if place in CHOICES else st.text(max_size=5)
    if hint in (int, float):
        limit = range_of(place, hint(1))
        numbers = st.integers(0, 2**40) if hint is int else st.floats(0, 1e6)
        return numbers.map(lambda number: number if number in limit else hint(limit.low + 0.25 + 0.75 * (hint is int)))
    return {bool: st.booleans(), type(None): st.none()}[hint]


@st.composite
def configs(draw):
    config = RunConfig()
    for name in SECTIONS:
        if name != "data":
            section = getattr(config, name)
            hints = get_type_hints(type(section))
            changed = {
                key: draw(values_of(f"{name}.{key}", hint)) for key, hint in hints.items() if draw(st.booleans())
            }
            config = replace(config, **{name: replace(section, **changed)})
    return replace(config, seed=draw(st.integers(0, 99)), budget_minutes=draw(st.none() | st.floats(0.5, 99)))


@given(configs())
def test_a_configuration_survives_the_way_out_and_in(config):
    assert parse_config(config_to_json(config)) == config


@given(configs())
def test_a_configuration_survives_as_the_text_of_a_file(config):
    assert parse_config(tomllib.loads(config_to_toml(config))) == config


def test_what_is_as_by_default_is_not_written():
    assert config_to_toml(RunConfig()) == ""
    config = replace(RunConfig(), seed=3, scorer=replace(RunConfig().scorer, encodings=False))
    assert config_to_toml(config) == "[run]\nseed = 3\n\n[scorer]\nencodings = false\n"


def test_what_the_user_says_about_the_data_survives_too():
    data = DataConfig(
        feedback=FeedbackKind.IMPLICIT,
        repeats=False,
        rating_scale=(1.0, 5.0),
        events={"view": 0.5, "return": -1.0},
        columns={"items": {"size": None, "kind": ColumnKind.CATEGORIES}},
    )
    config = RunConfig(data=data, deterministic=False)
    assert parse_config(config_to_json(config)) == config
    assert parse_config(tomllib.loads(config_to_toml(config))) == config


POLICIES = {
    "default": {"diversity": {"method": "mmr", "strength": 0.2}},
    "home.page": {
        "diversity": {
            "serendipity": 0.1,
            "caps": {"category": 2},
            "quotas": [{"attribute": "brand", "value": "Private", "at_least": 2}],
        }
    },
    "plain": {},
}


def test_rewards_survive_the_way_out_and_in():
    config = parse_config({"rewards": {"click": 0.2, "hide": -1}})
    assert config.rewards.kinds == {"click": 0.2, "hide": -1.0}
    assert config_to_json(config)["rewards"] == {"click": 0.2, "hide": -1.0}
    assert parse_config(tomllib.loads(config_to_toml(config))) == config
    with pytest.raises(ConfigError, match=r"rewards\.click: must be a number from -1 to 1, is 2"):
        parse_config({"rewards": {"click": 2}})


def test_policies_survive_the_way_out_and_in():
    config = parse_config({"policies": POLICIES})
    assert list(config.policies) == list(POLICIES)
    assert config.policies["default"].diversity == Diversity(method="mmr", strength=0.2)
    assert config.policies["home.page"].diversity.quotas == (Quota(attribute="brand", value="Private", at_least=2),)
    assert config_to_json(config)["policies"] == POLICIES
    assert parse_config(config_to_json(config)) == config
    assert parse_config(tomllib.loads(config_to_toml(config))) == config


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ({"Home": {}}, r"\[policies\.Home\]: a name has up to 64 of a-z"),
        ({"strength": 0.3}, r"'strength' needs a section \[policies\.NAME\]"),
        ({"home": {"method": "mmr"}}, r"policies\.home: must be a table of diversity, sources and exploration"),
        ({"home": {"sources": {"content": {"share": 1}}}}, r"policies\.home\.sources\.content: must be a weight"),
        ({"home": {"diversity": {"method": "mr"}}}, r"policies\.home\.diversity\.method: must be one of none, mmr"),
        (
            {"home": {"diversity": {"strength": 2}}},
            r"policies\.home\.diversity\.strength: must be a number from 0",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_named(policies, message):
    with pytest.raises(ConfigError, match=message):
        parse_config({"policies": policies})
    with pytest.raises(ConfigError, match="has no setting 'policies'"):
        parse_config({"run": {"policies": {}}})


def test_a_policy_that_the_items_cannot_serve_is_named():
    def check(**diversity):
        policies = parse_config({"policies": {"home": {"diversity": diversity}}}).policies
        check_policies(policies, catalogue_of(), vectors=True)

    check(caps={"kind": 2}, method="calibration")
    with pytest.raises(ConfigError, match=r"\[policies\.home\] diversity\.caps\[colour\]: the catalogue has no"):
        check(caps={"colour": 2})
    with pytest.raises(ConfigError, match=r"diversity\.quotas\[0\]\.attribute: 'price' is a number"):
        check(quotas=[{"attribute": "price", "value": "2"}])


def test_an_empty_document_is_the_default():
    assert parse_config({}) == RunConfig()


def test_settings_are_read_from_a_file(tmp_path):
    path = tmp_path / "shortlist.toml"
    path.write_text(
        """
        [run]
        seed = 7
        budget_minutes = 10

        [data]
        repeats = true

        [split]
        kind = "last"

        [two_tower]
        temperature = 1
        embedding_size = 32

        [scorer]
        hidden = [16]
        encodings = true
        """
    )
    config = read_config(path)
    assert (config.seed, config.budget_minutes, config.data.repeats) == (7, 10.0, True)
    assert (config.split.kind, config.scorer.hidden, config.scorer.encodings) == ("last", (16,), True)
    assert config.two_tower.temperature == 1.0
    assert isinstance(config.two_tower.temperature, float)
    assert config.two_tower.rounds == RunConfig().two_tower.rounds


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"two_towr": {}}, r"there is no section \[two_towr\]\. Did you mean 'two_tower'\?"),
        ({"zzz": {}}, r"there is no section \[zzz\]\. Known: run, "),
        ({"two_tower": {"embeding_size": 3}}, r"\[two_tower\] has no setting 'embeding_size'.*'embedding_size'\?"),
        ({"run": {"sed": 3}}, r"\[run\] has no setting 'sed'\. Did you mean 'seed'\?"),
        ({"run": {"two_tower": {}}}, r"\[run\] has no setting 'two_tower'"),
        ({"data": {"repeat": True}}, r"\[data\] has no setting 'repeat'\. Did you mean 'repeats'\?"),
        ({"seed": 3}, r"'seed' stands outside a section\. Put it under \[run\]"),
        ({"two_tower": {"embedding_size": 3.5}}, r"\[two_tower\] embedding_size = 3\.5 must be a whole number"),
        ({"two_tower": {"embedding_size": True}}, r"embedding_size = True must be a whole number"),
        ({"two_tower": {"temperature": "warm"}}, r"\[two_tower\] temperature = 'warm' must be a number"),
        ({"two_tower": {"temperature": True}}, r"temperature = True must be a number"),
        ({"scorer": {"hidden": 64}}, r"\[scorer\] hidden = 64 must be a list, each a whole number"),
        ({"scorer": {"hidden": [64, "32"]}}, r"\[scorer\] hidden = '32' must be a whole number"),
        ({"scorer": {"encodings": 1}}, r"\[scorer\] encodings = 1 must be true or false"),
        ({"scorer": {"loss": 1}}, r"\[scorer\] loss = 1 must be a text"),
        ({"sources": {"names": "own_past"}}, r"\[sources\] names = 'own_past' must be a list, each a text"),
        ({"split": {"kind": 3}}, r"\[split\] kind = 3 must be a text"),
        ({"run": {"budget_minutes": "ten"}}, r"\[run\] budget_minutes = 'ten' must be a number"),
        ({"run": {"seed": 1.0}}, r"\[run\] seed = 1\.0 must be a whole number"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(document, message):
    with pytest.raises(ConfigError, match=message):
        parse_config(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"two_tower": {"batch_size": 0}}, r"\[two_tower\] batch_size = 0 must be at least 1"),
        ({"two_tower": {"temperature": 0.0}}, r"\[two_tower\] temperature = 0\.0 must be above 0"),
        ({"two_tower": {"item_id_dropout": 1.0}}, r"item_id_dropout = 1\.0 must be between 0 and 0\.99"),
        ({"embedding": {"weight_decay": -0.1}}, r"\[embedding\] weight_decay = -0\.1 must be at least 0"),
        ({"embedding": {"objective": "bprr"}}, r"objective = 'bprr': 'bprr' is not one of .*Did you mean 'bpr'\?"),
        ({"scorer": {"loss": "pointwise"}}, r"\[scorer\] loss = 'pointwise': .* not one of listwise, cross_entropy\."),
        ({"scorer": {"hidden": []}}, r"\[scorer\] hidden = \[\] must not be empty"),
        ({"scorer": {"hidden": [64, 0]}}, r"\[scorer\] hidden = \[64, 0\] must be at least 1"),
        ({"sources": {"names": ["own_past", "item_fc"]}}, r"'item_fc' is not one of .*Did you mean 'item_cf'\?"),
        ({"sources": {"names": ["own_past", "own_past"]}}, r"names = .* nor say anything twice"),
        ({"split": {"kind": "tim"}}, r"\[split\] kind = 'tim': 'tim' is not one of time, last, random"),
        ({"split": {"share": 0.5}}, r"\[split\] share = 0\.5 must be between 0 and 0\.333333, both left out"),
        ({"index": {"recall": 1.5}}, r"\[index\] recall = 1\.5 must be between 0 and 1"),
        ({"run": {"budget_minutes": float("nan")}}, r"\[run\] budget_minutes = nan must be above 0"),
        ({"run": {"budget_minutes": float("inf")}}, r"\[run\] budget_minutes = inf must be above 0"),
        ({"run": {"seed": -1}}, r"\[run\] seed = -1 must be between 0 and"),
    ],
)  # fmt: skip
def test_what_no_run_can_be_made_with_is_named(document, message):
    with pytest.raises(ConfigError, match=message):
        parse_config(document)


def test_the_borders_of_a_range_belong_to_it_unless_it_is_open():
    parse_config({"two_tower": {"item_id_dropout": 0.0, "refit_rounds": 0}, "index": {"recall": 1.0, "exact_items": 0}})
    parse_config({"two_tower": {"full_softmax_items": 0}, "scorer": {"hidden": [1]}, "run": {"seed": 0}})


def test_every_limit_belongs_to_a_setting():
    config = RunConfig()
    check_config(config)
    settings = {f"{name}.{entry.name}" for name in SECTIONS for entry in fields(getattr(config, name))}
    settings |= {f"run.{entry.name}" for entry in fields(config)}
    assert {*RANGES, *CHOICES, *FILLED} <= settings
    texts = {
        f"{name}.{key}"
        for name in SECTIONS
        if name != "data"
        for key, hint in get_type_hints(type(getattr(config, name))).items()
        if "str" in str(hint)
    }
    assert set(CHOICES) <= texts


@pytest.mark.parametrize("content", [b"[run\nseed = 1", b"\xff\xfe", b"[run]\nseed = 'x'\n"])
def test_a_file_that_cannot_be_used_is_named(tmp_path, content):
    path = tmp_path / "wrong.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"wrong\.toml: "):
        read_config(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        read_config(tmp_path / "nowhere.toml")


def test_every_setting_has_a_line_in_the_docstring_of_its_section():
    for section in [RunConfig(), *(getattr(RunConfig(), name) for name in SECTIONS)]:
        documented = type(section).__doc__
        for entry in fields(section):
            named = re.search(rf"\b{entry.name}\b[,:]", documented)
            assert named or is_dataclass(getattr(section, entry.name)), entry.name


def test_a_policy_may_name_sources_with_weights_and_quotas():
    home = {"sources": {"content": {"weight": 0.5, "quota": 2}, "item_cf": {"quota": 1}, "user_cf": 1.0}}
    config = parse_config({"policies": {"home": home}})
    assert config.policies["home"].sources == (
        SourceShare(source="content", weight=0.5, quota=2),
        SourceShare(source="item_cf", quota=1),
        SourceShare(source="user_cf", weight=1.0),
    )
    assert config_to_json(config)["policies"] == {"home": home}


def test_sources_that_the_log_leaves_out_are_refused_by_name():
    policies = parse_config({"policies": {"home": {"sources": {"content": 1.0, "knowledge": 1.0}}}}).policies
    check_sources(policies, ["popularity", "content"])
    with pytest.raises(ConfigError, match=r"\[policies\.home\] sources\.content: .*; there are popularity, knowledge"):
        check_sources(policies, ["popularity"])
