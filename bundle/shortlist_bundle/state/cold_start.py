"""How a customer whom training has not seen is answered, as one short reason."""


def cold_start(*, features: bool, history: bool, needs: bool = False) -> str:
    """Return the reason, e.g. 'cold_start:features+history', by what the request says of the customer.

    Args:
        features: it has features that the bundle knows.
        history: it has items that the catalogue knows.
        needs: it has needs.
    """
    parts = ["features"] * features + ["history"] * history + ["needs"] * needs
    return f"cold_start:{'+'.join(parts) or 'nothing_known'}"
