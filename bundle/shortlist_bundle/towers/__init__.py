"""The exported towers in NumPy: the forward pass that the server runs."""
