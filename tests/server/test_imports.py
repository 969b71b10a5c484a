"""What the server may not import, seen in a process of its own."""

import os
import subprocess
import sys


def imported(*modules):
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_server_never_imports_tensorflow():
    assert not imported("shortlist_server.lifecycle", "shortlist_server.workers") & {"tensorflow", "keras", "torch"}


def test_the_command_is_light_until_it_is_called():
    assert not imported("shortlist_server.commands.serve") & {"grpc", "numpy", "faiss", "google.protobuf"}


def test_each_request_uses_one_core():
    code = """
import threading
from shortlist_server.commands.serve import keep_to_one_core_each
keep_to_one_core_each()
import faiss
thread = threading.Thread(target=lambda: print(faiss.omp_get_max_threads()))
thread.start()
thread.join()
"""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout == "1\n"


def test_errors_bring_nothing_heavy():
    assert not imported("shortlist_server.errors") & {"numpy", "faiss", "google.protobuf", "google.rpc"}
