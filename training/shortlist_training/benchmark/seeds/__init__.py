"""Measurements that are a process for each task and seed: kept, gone on with, and put together."""
