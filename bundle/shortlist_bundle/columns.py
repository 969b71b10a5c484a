"""The names of the data contract: tables, and the columns that mean something by name.

Every other column is a feature: of the customer, of the item, or (in `interactions`) of the event's context.
"""

INTERACTIONS = "interactions"
CUSTOMERS = "customers"
ITEMS = "items"
TABLES = (INTERACTIONS, CUSTOMERS, ITEMS)

CUSTOMER_ID = "customer_id"
ITEM_ID = "item_id"

TIMESTAMP = "timestamp"
"""Seconds since 1970 in UTC, as a float, once read."""
VALUE = "value"
"""How much the interaction counts: a weight or a quantity, above 0, 1 by default."""
RATING = "rating"
"""An explicit judgement, on the log's own scale."""
EVENT = "event"
"""What happened: view, click, purchase..."""
ORDER_ID = "order_id"
"""What was taken together."""
INTERACTION_COLUMNS = (CUSTOMER_ID, ITEM_ID, TIMESTAMP, VALUE, RATING, EVENT, ORDER_ID)

AVAILABLE_FROM = "available_from"
AVAILABLE_UNTIL = "available_until"
AVAILABILITY_COLUMNS = (AVAILABLE_FROM, AVAILABLE_UNTIL)

ID_COLUMNS = {CUSTOMERS: CUSTOMER_ID, ITEMS: ITEM_ID}
"""The column that names a row, for the tables that describe something."""
