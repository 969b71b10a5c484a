"""From fitted models and counts to the retriever that serves."""
