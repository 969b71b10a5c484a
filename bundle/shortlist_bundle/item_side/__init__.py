"""The items' side of the models, kept so that an item which training has not seen can be encoded."""
