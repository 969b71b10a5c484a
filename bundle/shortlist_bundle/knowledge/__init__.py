"""What a customer says that they need, over the attributes of items: no past is asked for.

Multi-attribute utility theory (Keeney and Raiffa 1976) as constraint-based recommenders use it (Felfernig and Burke
2008, https://doi.org/10.1145/1409540.1409544): every wish has a value function of its own, from 0 to 1, and an item's
utility is their mean by weight.
"""
