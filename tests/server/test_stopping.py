"""A signal ends the wait whichever thread the kernel hands it to."""

import subprocess
import sys

import pytest

WAITING = """
import signal, threading, time
from shortlist_server.stopping import StopRequest

stop = StopRequest()
stop.listen()
bystander = threading.Thread(target=time.sleep, args=(60,), daemon=True)
bystander.start()

def send():
    time.sleep(0.3)
    signal.pthread_kill({thread}, signal.SIGTERM)

threading.Thread(target=send, daemon=True).start()
print(stop.wait({timeout}), flush=True)
"""


@pytest.mark.parametrize("thread", ["bystander.ident", "threading.main_thread().ident"])
def test_a_signal_ends_the_wait(thread):
    code = WAITING.format(thread=thread, timeout=50)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=40, check=True)
    assert ended.stdout.strip() == "True"


def test_without_a_signal_the_wait_runs_out():
    code = WAITING.replace("signal.pthread_kill({thread}, signal.SIGTERM)", "pass").format(timeout=0.5)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=40, check=True)
    assert ended.stdout.strip() == "False"
