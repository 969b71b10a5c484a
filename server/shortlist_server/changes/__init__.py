"""The log of changes on this host's disk, shared by all worker processes.

What a change is, what a log promises (`ChangeLog`), a log in memory and the reading of a log's files stand in
`shortlist_bundle.changes`, where training finds them too.
"""
