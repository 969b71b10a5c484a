"""`shortlist tune`: a study tries settings around a configuration, one first pair of retriever and scorer each."""
