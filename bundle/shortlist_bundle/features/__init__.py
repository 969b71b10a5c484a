"""Feature encoding: raw values by column name to numbers and bags, the same code in training and serving."""
