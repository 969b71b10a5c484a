"""Translation between protobuf and the pipeline's own dataclasses; nothing further in knows protobuf."""
