"""Bundle -> pipeline: resolve, encode, retrieve, filter, rerank."""
