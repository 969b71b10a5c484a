"""The calibration <-> a document: it is a few numbers."""

from typing import Any

import numpy as np

from shortlist_bundle.calibration import Calibration, Curve, Isotonic, Sigmoid


def pack_calibration(calibration: Calibration) -> dict[str, Any]:
    """Return the document of a calibration."""
    return {
        "proposed": _curve(calibration.proposed),
        "others": _curve(calibration.others),
        **{name: getattr(calibration, name) for name in ("window", "start", "end", "error")},
    }


def unpack_calibration(document: Any) -> Calibration:
    """Return the calibration that `pack_calibration` took apart."""
    curves = {name: _unpacked(document[name]) for name in ("proposed", "others")}
    return Calibration(**{**document, **curves})


def _curve(curve: Curve) -> dict[str, Any]:
    if isinstance(curve, Isotonic):
        return {"logits": curve.logits.tolist(), "probabilities": curve.probabilities.tolist()}
    return {"method": curve.method, "slope": curve.slope, "intercept": curve.intercept}


def _unpacked(document: Any) -> Curve:
    if "logits" in document:
        return Isotonic(**{name: np.array(values, np.float64) for name, values in document.items()})
    return Sigmoid(**document)
