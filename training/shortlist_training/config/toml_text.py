"""Nested tables -> the text of a TOML file."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def toml_text(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a TOML file of these sections: texts, numbers, flags, lists of those, and tables."""
    return "\n".join(line for name, table in tables.items() for line in [*_table((name,), table), ""])


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{'.'.join(map(_key, path))}]"
    # What stands after the heading of an inner table belongs to that.
    yield from (f"{_key(name)} = {_value(value)}" for name, value in table.items() if not isinstance(value, Mapping))
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield ""
            yield from _table((*path, name), value)


def _key(name: str) -> str:
    return name if name and name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _text(name)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"no value of a TOML file: {value!r}")


def _text(text: str) -> str:
    # TOML escapes as JSON does, and the delete character besides.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
