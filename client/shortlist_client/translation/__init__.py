"""The one place where the client's types and protobuf meet."""
