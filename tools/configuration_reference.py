"""Writes docs/configuration.md from the configuration's dataclasses and their docstrings.

`.venv/bin/python tools/configuration_reference.py` after a setting has changed; a test says when.
"""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from shortlist_training.config.policies import SECTION as POLICIES_SECTION
from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import REWARDS, RUN_SECTION

FILE = Path(__file__).parents[1] / "docs" / "configuration.md"
DATA = "data"
"""This section is about the log; docs/data.md explains it with examples."""
HEAD = f"""\
# Configuration

Every setting of a training run, as it stands in `shortlist.toml` beside the data or in the file of `--config`. All of
them may be left out; a default that is empty is found out from the data. What a run was told is stored in its bundle
(`config.json`). `--seed`, `--budget` and `--deterministic` of `shortlist train` override `[{RUN_SECTION}]`. `[{DATA}]`,
which says how to understand the log, is explained in [data.md](data.md#overriding-it). `shortlist tune` searches for
settings that suit a log better: [training.md](training.md#searching-for-better-settings).
"""

REWARDS_PART = """\
## [rewards]

What events are worth to the head that explores ([exploration.md](exploration.md#what-it-learns-from)), from -1 to 1 by
kind. Once any is given, a kind without one is worth nothing; without the section a kind is worth its weight of
`[data.events]`, at most 1, and 1 where there are no weights.

```toml
[rewards]
click = 0.2
purchase = 1.0
hide = -0.5
```
"""
POLICIES = """\
## [policies.NAME]

A placement that requests may name, with the defaults of its lists; `default` holds for requests that name none, and is
there without being configured. [diversity.md](diversity.md) says what the settings of `diversity` do, whose
methods are `mmr`, `dpp`, `max_sum` and `calibration`, and
[serving.md](serving.md#sources-and-quotas-of-them) what those of `sources` do: who proposes, each with a weight, or a
table of `weight` and `quota`. A source that this log does not have is refused before training; `knowledge` may be named
too, and counts where a request states needs. `exploration` has `policy`, `strength`, `temperature` and `slots`:
[exploration.md](exploration.md).
`shortlist bundle inspect`, and `DescribeModel` of a server, list the placements of a bundle.

```toml
[policies.default]
diversity = { method = "mmr", strength = 0.2 }

[policies.home.diversity]
method = "calibration"
strength = 0.5
calibrate = "category"
serendipity = 0.1
caps = { brand = 3 }
quotas = [{ attribute = "brand", value = "Private", at_least = 1 }]

[policies.news]
sources = { user_cf = 1.0, content = { weight = 0.5, quota = 2 } }

[policies.fresh.sources]
content = { quota = 1 }

[policies.trial.exploration]
policy = "epsilon_greedy"
strength = 0.1
slots = [3, 7, 12]
```
"""


def reference() -> str:
    """Return the whole page."""
    return HEAD + "".join(f"\n{section}" for section in (*_sections(RunConfig()), REWARDS_PART, POLICIES))


def _sections(config: RunConfig) -> Iterator[str]:
    nested = {entry.name: getattr(config, entry.name) for entry in fields(config)}
    nested = {name: value for name, value in nested.items() if is_dataclass(value) and name not in (DATA, REWARDS)}
    yield _section(RUN_SECTION, config, leave_out={*nested, DATA, POLICIES_SECTION, REWARDS})
    for name, section in nested.items():
        yield _section(name, section)


def _section(name: str, section: Any, leave_out: frozenset[str] | set[str] = frozenset()) -> str:
    meanings = _meanings(type(section))
    rows = [
        f"| `{entry.name}` | {_default(getattr(section, entry.name))} | {meanings[entry.name]} |"
        for entry in fields(section)
        if entry.name not in leave_out
    ]
    return "\n".join([f"## [{name}]", "", "| setting | default | what |", "|---|---|---|", *rows, ""])


def _meanings(section: type) -> dict[str, str]:
    """Return what the docstring's list of attributes says of each; one entry may stand for several."""
    listed = (inspect.getdoc(section) or "").split("Attributes:\n", 1)[1]
    entries = re.findall(r"^    (\w[\w, ]*): ((?:.|\n(?!    \w))*)", listed, re.MULTILINE)
    return {name: _plain(text) for names, text in entries for name in names.split(", ")}


def _plain(text: str) -> str:
    return " ".join(text.split()).removesuffix(".").replace(". None: ", ". Left out: ").replace("None: ", "left out: ")


def _default(value: Any) -> str:
    if value is None:
        return ""
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
