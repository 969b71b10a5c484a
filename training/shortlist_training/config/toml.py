"""TOML <-> `RunConfig`."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import tomli_w

from shortlist_bundle.errors import DocumentError
from shortlist_bundle.exploration.rewards import Rewards
from shortlist_training.config.limits import check_config
from shortlist_training.config.policies import SECTION, parse_policies, policies_to_json
from shortlist_training.config.run import RunConfig
from shortlist_training.errors import ConfigError
from shortlist_training.log.config import parse_data_config
from shortlist_training.suggestion import did_you_mean

RUN_SECTION = "run"
"""The scalar settings of `RunConfig` stand in this section of the file."""
REWARDS = "rewards"


def read_config(path: Path) -> RunConfig:
    """Read a configuration file.

    Raises:
        ConfigError: The file cannot be read, or a setting is unknown or may not have its value; the message names it.
    """
    try:
        return parse_config(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_config(document: Mapping[str, Any]) -> RunConfig:
    """Turn a parsed TOML document into a configuration; what it leaves out keeps its default.

    Raises:
        ConfigError: See `read_config`.
    """
    config = RunConfig()
    sections = [
        entry.name for entry in fields(RunConfig) if is_dataclass(getattr(config, entry.name)) and entry.name != REWARDS
    ]
    others = [SECTION, REWARDS]
    for name, values in document.items():
        if not isinstance(values, Mapping):
            raise ConfigError(f"'{name}' stands outside a section. Put it under [{RUN_SECTION}]")
        if name == "data":
            config = replace(config, data=parse_data_config(values))
        elif name == SECTION:
            config = replace(config, policies=parse_policies(values))
        elif name == REWARDS:
            config = replace(config, rewards=_rewards(values))
        elif name == RUN_SECTION:
            config = _filled(config, RUN_SECTION, values, leave_out=[*sections, *others])
        elif name in sections:
            config = replace(config, **{name: _filled(getattr(config, name), name, values)})
        else:
            raise ConfigError(f"there is no section [{name}]. {did_you_mean(name, [RUN_SECTION, *sections, *others])}")
    check_config(config)
    return config


def _rewards(values: Mapping[str, Any]) -> Rewards:
    try:
        return Rewards.from_json(values, REWARDS)
    except DocumentError as error:
        raise ConfigError(str(error)) from None


def _filled(section: Any, name: str, values: Mapping[str, Any], *, leave_out: list[str] | None = None) -> Any:
    hints = get_type_hints(type(section))
    known = [entry.name for entry in fields(section) if entry.name not in (leave_out or [])]
    for key, value in values.items():
        if key not in known:
            raise ConfigError(f"[{name}] has no setting '{key}'. {did_you_mean(key, known)}")
        section = replace(section, **{key: _converted(f"[{name}] {key}", value, hints[key])})
    return section


def _converted(place: str, value: Any, hint: Any) -> Any:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    for option in options:
        if get_origin(option) is tuple and isinstance(value, list | tuple):
            return tuple(_converted(place, element, get_args(option)[0]) for element in value)
        if option is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if option is bool and isinstance(value, bool):
            return value
        if option in (int, str) and type(value) is option:
            return value
    raise ConfigError(f"{place} = {value!r} must be {_words(hint)}")


def _words(hint: Any) -> str:
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    if get_origin(hint) is tuple:
        return f"a list, each {_words(get_args(hint)[0])}"
    if isinstance(hint, UnionType):
        return " or ".join(_words(option) for option in get_args(hint) if option is not type(None))
    return names.get(hint, str(hint))


def config_to_json(config: RunConfig) -> dict[str, Any]:
    """Return the configuration as the nested tables of its TOML file; settings that are None are left out."""
    tables: dict[str, Any] = {RUN_SECTION: {}}
    for entry in fields(config):
        value = getattr(config, entry.name)
        if isinstance(value, Rewards):
            tables[REWARDS] = value.to_json()
        elif is_dataclass(value):
            tables[entry.name] = _plain(value)
        elif entry.name == SECTION:
            tables[SECTION] = policies_to_json(value)
        elif value is not None:
            tables[RUN_SECTION][entry.name] = value
    return tables


def config_to_toml(config: RunConfig) -> str:
    """Return the text of a TOML file with the settings that differ from their defaults; `read_config` reads it back."""
    defaults = config_to_json(RunConfig())
    changed = {
        section: {name: value for name, value in table.items() if value != defaults[section].get(name)}
        for section, table in config_to_json(config).items()
    }
    return tomli_w.dumps({section: table for section, table in changed.items() if table})


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        plain = {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
        return {name: entry for name, entry in plain.items() if entry is not None}
    if isinstance(value, Mapping):
        return {key: "ignore" if entry is None else _plain(entry) for key, entry in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
