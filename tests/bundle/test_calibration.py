"""Curves from logits to probabilities."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.calibration import UNCALIBRATED, Calibration, Isotonic, Sigmoid
from shortlist_bundle.packing.calibration import pack_calibration, unpack_calibration

STEPS = Isotonic(logits=np.array([-2.0, 0.0, 4.0]), probabilities=np.array([0.01, 0.05, 0.45]))
LOGITS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=9).map(
    lambda values: np.array(values, np.float32)
)


RARE = Sigmoid(method="rate", slope=0.0, intercept=float(np.log(0.002 / 0.998)))


def calibration(proposed=STEPS):
    return Calibration(proposed=proposed, others=RARE, window="tuning", start=10.0, end=20.0, error=0.004)


@pytest.mark.parametrize(
    ("curve", "logit", "probability"),
    [
        (UNCALIBRATED, 0.0, 0.5),
        (UNCALIBRATED, np.log(3), 0.75),
        (Sigmoid(method="platt", slope=2.0, intercept=-1.0), 0.5, 0.5),
        (Sigmoid(method="platt", slope=0.5, intercept=np.log(1 / 9)), 0.0, 0.1),
        (Sigmoid(method="rate", slope=0.0, intercept=0.0), 77.0, 0.5),
        (STEPS, -2.0, 0.01),
        (STEPS, -1.0, 0.03),
        (STEPS, 1.0, 0.15),
        (STEPS, -50.0, 0.01),
        (STEPS, 50.0, 0.45),
    ],
)
def test_a_curve_by_hand(curve, logit, probability):
    assert curve(np.array([logit], np.float32)) == pytest.approx([probability], rel=1e-6)


@given(LOGITS, st.sampled_from([UNCALIBRATED, STEPS, Sigmoid(method="platt", slope=9.0, intercept=700.0)]))
def test_a_higher_logit_never_means_a_lower_probability(logits, curve):
    found = curve(np.sort(logits))
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_items_that_nobody_proposes_have_a_curve_of_their_own():
    found = calibration()(np.zeros((1, 2), np.float32), np.array([[True, False]]))
    assert found.dtype == np.float32
    assert found[0] == pytest.approx([0.05, 0.002])


@pytest.mark.parametrize("proposed", [STEPS, UNCALIBRATED], ids=["isotonic", "none"])
def test_a_calibration_survives_as_a_document(proposed):
    before = calibration(proposed)
    after = unpack_calibration(json.loads(json.dumps(pack_calibration(before))))
    for name in ("window", "start", "end", "error", "others"):
        assert getattr(after, name) == getattr(before, name)
    logits = np.linspace(-5, 5, 101).astype(np.float32)
    np.testing.assert_array_equal(after.proposed(logits), proposed(logits))
    assert after.proposed.method == proposed.method


@given(st.sampled_from([STEPS, RARE, UNCALIBRATED]), LOGITS, st.floats(0.1, 9), st.floats(-20, 20))
def test_a_moved_curve_says_of_a_logit_what_the_curve_says_of_the_moved_logit(curve, logits, scale, shift):
    moved = curve.moved(scale, shift)
    assert moved.method == curve.method
    there = np.asarray(logits, np.float64) * scale + shift
    np.testing.assert_allclose(moved(logits), curve(there), rtol=1e-6, atol=1e-9)
    back = moved.moved(1 / scale, -shift / scale)
    np.testing.assert_allclose(back(logits), curve(logits), rtol=1e-6, atol=1e-9)
