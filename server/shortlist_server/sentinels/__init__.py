"""Whether what is served is still what was measured: a sample of lists and items, looked at again by a thread."""
