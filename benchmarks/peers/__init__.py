"""Other people's methods, each behind the same small protocol: `fit(task, seed)` returns what writes the lists.

`shortlist bench quality` runs each in a process of its own. The settings of a peer are a published default, stated in
its docstring; none was chosen by looking at targets, which a peer never gets to see.
"""
