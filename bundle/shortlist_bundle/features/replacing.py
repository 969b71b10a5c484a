"""Values of some columns in place of those that a row had before."""

from collections.abc import Mapping
from typing import Any

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.spec import NumberFit


def with_values(encoder: FeatureEncoder, row: EncodedFeatures, values: Mapping[str, Any]) -> EncodedFeatures:
    """Return one row's features with the columns that are named in place of what it had.

    Args:
        encoder: of the columns.
        row: encoded features of one row; it stays as it is.
        values: raw values by column name, None for missing; columns that the encoder does not know are ignored.

    Raises:
        FeatureError: A value that its column cannot hold.
    """
    encoded = encoder.encode({name: [value] for name, value in values.items()}, 1)
    scaled = [column.name for column in encoder.spec.columns if isinstance(column.fit, NumberFit)]
    numbers = row.numbers.copy()
    for position, name in enumerate(scaled):
        # Each number stands beside its missing flag, and both follow the value.
        if name in values:
            pair = slice(2 * position, 2 * position + 2)
            numbers[0, pair] = encoded.numbers[0, pair]
    return EncodedFeatures(
        numbers, {name: encoded.bags[name] if name in values else bag for name, bag in row.bags.items()}
    )
