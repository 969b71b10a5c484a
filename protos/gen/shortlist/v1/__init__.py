"""Generated code of the package shortlist.v1."""
