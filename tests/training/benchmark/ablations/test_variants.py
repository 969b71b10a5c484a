from dataclasses import replace

from small_logs import dataset_of, timeless

from shortlist_training.benchmark.ablations.variants import Kind, variants
from shortlist_training.config.models import ScorerConfig
from shortlist_training.config.run import RunConfig, SourcesConfig
from shortlist_training.retrieval.retriever import signal_spec

EVENTS = [(f"c{n % 9}", f"i{n % 24:02}", float(n)) for n in range(200)]
ITEMS = {"item_id": [f"i{n:02}" for n in range(24)], "aisle": [f"a{n % 6}" for n in range(24)]}


def keys(dataset, config=None):
    config = config or RunConfig()
    return {variant.key: variant for variant in variants(dataset, config, signal_spec(dataset, config))}


def test_every_signal_is_in_one_family():
    spec = signal_spec(dataset_of(EVENTS, items=ITEMS), RunConfig())
    assert [name for family in spec.families.values() for name in family] == list(spec.names)
    assert len(set(spec.names)) == len(spec.names)
    assert spec.families["category past"] == ("aisle:share", "aisle:since", "aisle:overdue")
    assert all(name.startswith("own:") for name in spec.families["own past"])


def test_everything_that_there_is_is_taken_away_once():
    found = keys(dataset_of(EVENTS, items=ITEMS))
    # These customers have no features that could make segments.
    sources = tuple(name for name in RunConfig().sources.names if name != "segment_popularity")
    assert set(found) == {
        "chance", "encodings", "item-columns", "loss-cross-entropy", "loss-listwise", "members",
        "signals-mode",
        "signals-customer",
        "signals-source-scores", "signals-source-ranks", "signals-own-past", "signals-category-past",
        "signals-item-state", *(f"source-{name}" for name in sources), *(f"alone-{name}" for name in sources),
    }  # fmt: skip
    assert [one.only for one in found.values() if one.kind is Kind.ALONE] == list(sources)


def test_what_a_log_does_not_have_is_not_taken_away():
    found = keys(timeless([event[:2] for event in EVENTS], repeats=False))
    assert not {"item-columns", "customer-columns", "signals-category-past", "signals-mode", "source-sequence"} & set(
        found
    )


def test_what_a_configuration_does_not_use_is_not_taken_away():
    dataset = dataset_of(EVENTS)
    plain = replace(RunConfig(), scorer=ScorerConfig(encodings=False, loss="cross_entropy"))
    assert not {"encodings", "loss-listwise", "loss-cross-entropy"} & set(keys(dataset, plain))
    single = replace(RunConfig(), scorer=ScorerConfig(members=1))
    assert "members" not in keys(dataset, single)
    one = replace(RunConfig(), sources=SourcesConfig(names=("popularity",)))
    assert "source-popularity" not in keys(dataset, one)


def test_a_variant_changes_its_own_setting_and_nothing_else():
    config, found = RunConfig(), keys(dataset_of(EVENTS))
    assert found["encodings"].config(config) == replace(config, scorer=ScorerConfig(encodings=False))
    assert found["loss-cross-entropy"].config(config) == replace(config, scorer=ScorerConfig(cross_entropy_share=0.0))
    assert found["loss-listwise"].config(config) == replace(config, scorer=ScorerConfig(loss="cross_entropy"))
    assert found["members"].config(config) == replace(config, scorer=ScorerConfig(members=1))
    assert found["members"].name == "2 of 3 members of the scorer"
    assert found["signals-own-past"].config(config) is config
    assert found["chance"].config(config).scorer == config.scorer
    assert found["chance"].config(config).seed != config.seed
