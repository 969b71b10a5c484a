"""`shortlist train`, again and again in one process of its own: its libraries take longer to load than a small shop."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ONE_CORE = {
    "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
}  # fmt: skip


class Trainer:
    """The command `train`, run by a process that stays.

    Args:
        config: the configuration file of every training.
        log: file for what the trainings have to say.
    """

    def __init__(self, config: Path, log: Path) -> None:
        self._config, self._log = config, log

    def __enter__(self) -> Self:
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, **_ONE_CORE},
            )  # fmt: skip
        return self

    def train(self, data: Sequence[str], bundles: Path, *, alias: str) -> str:
        """Train on some logs, let an alias name the bundle, and return its version.

        Raises:
            RuntimeError: The training failed; the log says why.
        """
        options = [*(part for one in data for part in ("--data", one)), "--bundles", str(bundles)]
        options += ["--config", str(self._config), "--alias", alias, "--json"]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(options) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"`shortlist train {' '.join(options)}` failed; {self._log} says why")
        return str(json.loads(line)["version"])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def main() -> None:
    """Train as each line of the input says, and answer with a line of JSON."""
    from contextlib import redirect_stdout
    from io import StringIO

    from shortlist_training.commands.train import train

    for line in sys.stdin:
        said = StringIO()
        with redirect_stdout(said):
            train.main(json.loads(line), standalone_mode=False)
        answer: Any = json.loads(said.getvalue())
        print(json.dumps({"version": answer["bundle"]["version"]}), flush=True)


if __name__ == "__main__":
    main()
