"""What is searched: every setting exists, and every draw of it makes a configuration that can be trained."""

from dataclasses import replace

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.config.limits import check_config
from shortlist_training.config.run import RunConfig
from shortlist_training.study.reach import Between, OneOf
from shortlist_training.study.space import SPACE, Space


def test_its_start_is_the_configuration_as_it_is():
    space = Space(RunConfig())
    assert space.start.keys() == SPACE.keys()
    assert space.start["scorer.hidden"] == (64, 32)
    assert space.config(space.start) == RunConfig()


def test_the_defaults_lie_within_reach():
    plain = {place: reach.distribution(Space(RunConfig()).start[place]) for place, reach in SPACE.items()}
    for place, reach in SPACE.items():
        if isinstance(reach, OneOf):
            assert plain[place].choices == tuple(map(reach.drawn, reach.options))
        else:
            assert (plain[place].low, plain[place].high) == (reach.low, reach.high)


@given(st.integers(0, 2**32 - 1))
def test_every_draw_is_a_configuration_that_can_be_trained(seed):
    space = Space(RunConfig())
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    settings = space.settings(study.ask(space.distributions).params)
    config = space.config(settings)
    check_config(config)
    assert Space(config).start == settings
    assert replace(config, two_tower=RunConfig().two_tower, scorer=RunConfig().scorer, sources=RunConfig().sources) == (
        RunConfig()
    )


def test_a_value_out_of_reach_is_searched_from_too():
    config = RunConfig()
    config = replace(config, two_tower=replace(config.two_tower, embedding_size=48, learning_rate=0.0123456))
    config = replace(config, scorer=replace(config.scorer, hidden=(7,)))
    space = Space(config)
    assert space.distributions["two_tower.embedding_size"].choices == (None, 32, 64, 128, 48)
    assert space.distributions["two_tower.learning_rate"].high == 0.0123456
    assert space.config(space.settings(space.drawn(space.start))) == config


@pytest.mark.parametrize(
    ("reach", "start", "drawn", "value"),
    [
        (Between(0.0, 1.0), 0.123456, 0.123456, 0.123456),
        (Between(0.0, 1.0), 0.5, 0.123456, 0.123),
        (Between(0.001, 1.0, log=True), 0.5, 0.00123456, 0.00123),
        (OneOf((64, 32), (8,)), (8,), "[64, 32]", (64, 32)),
        (OneOf(True, False), True, False, False),
        (OneOf(1, 2), 3, 3, 3),
    ],
)
def test_a_draw_becomes_a_value(reach, start, drawn, value):
    assert reach.value(drawn, start) == value
