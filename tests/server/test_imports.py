"""What the server may not import, seen in a process of its own."""

import subprocess
import sys


def imported(*modules):
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_server_never_imports_tensorflow():
    assert not imported("shortlist_server.lifecycle", "shortlist_server.workers") & {"tensorflow", "keras", "torch"}


def test_the_command_is_light_until_it_is_called():
    assert not imported("shortlist_server.commands.serve") & {"grpc", "numpy", "faiss", "google.protobuf"}


def test_errors_bring_nothing_heavy():
    assert not imported("shortlist_server.errors") & {"numpy", "faiss", "google.protobuf", "google.rpc"}
