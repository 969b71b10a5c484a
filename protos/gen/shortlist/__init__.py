"""Generated code of the shortlist protos."""
