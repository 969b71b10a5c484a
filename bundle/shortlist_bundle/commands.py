"""`shortlist bundle`: look at what is published, verify it, and choose what serves.

The rooms it calls are imported by the commands: `shortlist --help` must not wait for NumPy, nor need it.
"""

import importlib
import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from shortlist_bundle.errors import GatesClosed, GoldenMismatch

if TYPE_CHECKING:
    from shortlist_bundle.files import AliasMove, OpenBundle, VersionInfo
    from shortlist_bundle.gates.judging import JudgeBoth

_Command = TypeVar("_Command", bound=Callable[..., None])
_GOLDEN = "shortlist_bundle.golden"
_LINEAGE = "lineage"
"""The document that says which bundles a training went on from."""
_JUDGES = "shortlist.judges"
"""The entry points of those who can judge two bundles on data."""


def _options(command: _Command) -> _Command:
    folder = click.Path(path_type=Path, file_okay=False)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--model", default="default", show_default=True, help="Whose bundles."),
        click.option("--bundles", "root", required=True, type=folder, help="The folder of all models."),
    ):
        command = option(command)
    return command


_VERSION = click.option("--version", default="stable", show_default=True, help="A version or an alias.")
_ALIAS = click.option("--alias", default="stable", show_default=True, help="The alias to move.")
_EXPECTED = click.option(
    "--expected-current", default=None, help="Refuse if the alias is no longer at this version ('' for none yet)."
)


@click.group("bundle")
def bundle() -> None:
    """List, inspect, verify, promote and roll back bundles."""


@bundle.command("list")
@_options
@click.option("--all", "every", is_flag=True, help="All models, not only the one of --model.")
def list_command(root: Path, model: str, as_json: bool, every: bool) -> None:
    """List versions, newest last, with the aliases that point to them."""
    from shortlist_bundle.files import list_models, list_versions

    models = list_models(root) if every else [model]
    listed = {name: list_versions(root, name) for name in models}
    if as_json:
        _print_json({name: [asdict(info) for info in infos] for name, infos in listed.items()})
        return
    for name, infos in listed.items():
        for info in infos:
            click.echo(_version_line(name, info))


@bundle.command("inspect")
@_options
@_VERSION
def inspect_command(root: Path, model: str, version: str, as_json: bool) -> None:
    """Show what a version holds; its checksums are verified on the way."""
    from shortlist_bundle.files import aliases_of, open_bundle
    from shortlist_bundle.packing.offered import offered

    opened = open_bundle(root, model, version, mmap=True)
    described = {**_description(opened), "aliases": list(aliases_of(root, model, opened.ref.version))}
    described |= offered(opened)
    described["lineage"] = opened.document_parts.get(_LINEAGE)
    if as_json:
        _print_json(described)
        return
    for name in ("model", "version", "bundle_id", "created", "feature_encoder", "format"):
        click.echo(f"{name:<16} {described[name]}")
    if isinstance(described["lineage"], dict):
        line = described["lineage"]
        click.echo(f"{'trained on from':<16} {line.get('parent')} (first of the line: {line.get('first')})")
    for name in ("aliases", "sources", "needs_sources"):
        click.echo(f"{name:<16} {', '.join(described[name]) or 'none'}")
    for name, placement in described["placements"].items():
        click.echo(f"{'placement':<16} {name} {json.dumps(placement) if placement else 'as scored'}")
    for part in described["files"]:
        click.echo(f"  {part['name']:<48} {part['size']:>14,}  {part['holds']}")


@bundle.command("verify")
@_options
@_VERSION
def verify_command(root: Path, model: str, version: str, as_json: bool) -> None:
    """Hash every file, check that this release can serve it, and replay its golden requests."""
    from shortlist_bundle.files import open_bundle

    opened = open_bundle(root, model, version)
    passed, lines = _replay_golden(opened)
    if as_json:
        found = {"model": model, "version": opened.ref.version, "bundle_id": opened.ref.bundle_id}
        _print_json({**found, "files": len(opened.manifest.files), "golden_passed": passed, "golden": lines})
    else:
        click.echo(
            f"{opened.ref.version}: {len(opened.manifest.files)} files as written, bundle {opened.ref.bundle_id}"
        )
        for line in lines:
            click.echo(line)
    if passed is False:
        raise GoldenMismatch(
            f"version {opened.ref.version!r} of model {model!r} does not answer as it did when it was written; do not "
            "serve it from this release"
        )


@bundle.command("promote")
@_options
@click.option("--version", required=True, help="The version, or an alias that stands at it.")
@_ALIAS
@_EXPECTED
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="A log: judge both on its newest window.")
@click.option(
    "--gates", "settings", type=click.Path(path_type=Path, dir_okay=False), help="TOML file with a section [gates]."
)
@click.option("--force", is_flag=True, help="Promote although a gate is closed; the audit log says so.")
def promote_command(
    root: Path, model: str, version: str, as_json: bool, alias: str, expected_current: str | None, data: Path | None,
    settings: Path | None, force: bool,
) -> None:  # fmt: skip
    """Verify a version, compare it with the one that `stable` names, and let an alias point to it.

    Each gate says its numbers: nDCG, recall, coverage, cold slices, size, what requests may name, processor time, and
    how far scores and inputs have drifted. A closed gate leaves the alias where it is.
    """
    from shortlist_bundle.files import open_bundle, promote, record

    opened = open_bundle(root, model, version, mmap=True)
    checked = opened.ref.version
    gates = _judged(root, model, opened, data, settings)
    closed = [gate for gate in gates if not gate["passed"]]
    audit: dict[str, Any] = {"by": "command", "bundle": opened.ref.bundle_id, "gates": gates, "forced": bool(closed)}
    if closed and not force:
        record(root, model, "gates-closed", alias=alias, version=checked, **audit)
        raise GatesClosed(
            f"{len(closed)} of {len(gates)} gates are closed for version {checked!r} ({closed[0]['name']} is the "
            "first); alias unmoved, --force promotes all the same"
        )
    move = promote(root, model, checked, alias=alias, expected_current=expected_current, audit=audit)
    _print_move(move, model, as_json, gates)


def _judged(
    root: Path, model: str, opened: "OpenBundle", data: Path | None, settings: Path | None
) -> list[dict[str, Any]]:
    """Return what every gate found, and say it; nothing where the bundle holds no model to compare."""
    from shortlist_bundle.files import STABLE, list_aliases, open_bundle
    from shortlist_bundle.gates.thresholds import read_thresholds

    limits = read_thresholds(settings)
    if "model.json" not in opened.names():
        return []
    from shortlist_bundle.gates.judging import judge

    current = list_aliases(root, model).get(STABLE)
    if current == opened.ref.version:
        return []
    live = open_bundle(root, model, current, mmap=True) if current else None
    found = judge(live, opened, limits, data=data, judge_both=_judge_both() if data else None)
    for gate in found:
        click.echo(str(gate), err=True)
    return [gate.to_json() for gate in found]


def _judge_both() -> "JudgeBoth":
    """Return who judges bundles on data: training, which this package does not know, under an entry point."""
    from importlib.metadata import entry_points

    for found in entry_points(group=_JUDGES):
        judge_both: JudgeBoth = found.load()
        return judge_both
    raise click.UsageError("--data needs the extra `training`: pip install 'shortlist[training]'")


@bundle.command("rollback")
@_options
@_ALIAS
@_EXPECTED
def rollback_command(root: Path, model: str, as_json: bool, alias: str, expected_current: str | None) -> None:
    """Let an alias point to the version where it was before."""
    from shortlist_bundle.files import rollback

    audit = {"by": "command"}
    move = rollback(root, model, alias=alias, expected_current=expected_current, audit=audit)
    _print_move(move, model, as_json)


@bundle.command("audit")
@_options
def audit_command(root: Path, model: str, as_json: bool) -> None:
    """Show who moved what when, and what servers made of it, oldest first."""
    from shortlist_bundle.files import read_audit

    found = read_audit(root, model)
    if as_json:
        _print_json({"damaged": found.damaged, "entries": list(found.entries)})
        return
    for entry in found.entries:
        rest = {key: value for key, value in entry.items() if key not in ("time", "event", "gates")}
        click.echo(f"{entry.get('time', ''):<29} {entry['event']:<13} {json.dumps(rest)}")
    if found.damaged:
        click.echo(f"{found.damaged} lines cannot be read", err=True)


def _replay_golden(opened: "OpenBundle") -> tuple[bool | None, list[str]]:
    """Return whether the golden requests get their answers (None: nothing to replay them with), and the findings."""
    if importlib.util.find_spec(_GOLDEN) is None:
        return None, ["golden requests: not replayed, this release has no engine to replay them with"]
    report: Any = importlib.import_module(_GOLDEN).replay(opened)
    return bool(report.passed), [str(line) for line in report.lines]


def _description(opened: "OpenBundle") -> dict[str, Any]:
    written: Any = opened.report("written")
    files = [
        {"name": file.name, "size": file.size, "sha256": file.sha256, "holds": _holds(opened, file.name)}
        for file in opened.manifest.files
    ]
    return {
        "model": opened.ref.model,
        "version": opened.ref.version,
        "bundle_id": opened.ref.bundle_id,
        "created": written["created"],
        "libraries": written["libraries"],
        "feature_encoder": opened.manifest.feature_encoder,
        "format": opened.manifest.format,
        "files": files,
    }


def _holds(opened: "OpenBundle", name: str) -> str:
    array = opened.array_parts.get(name.removesuffix(".npy"))
    if array is None or not name.endswith(".npy"):
        return ""
    return f"{array.dtype} {list(array.shape)}"


def _version_line(model: str, info: "VersionInfo") -> str:
    aliases = f"  <- {', '.join(info.aliases)}" if info.aliases else ""
    if info.problem is not None:
        return f"{model}/{info.version}  cannot be read: {info.problem}{aliases}"
    return f"{model}/{info.version}  {info.bundle_id}  {info.created}  {info.size / 1e6:,.1f} MB{aliases}"


def _print_move(move: "AliasMove", model: str, as_json: bool, gates: Sequence[dict[str, Any]] = ()) -> None:
    if as_json:
        _print_json({"model": model, **asdict(move), **({"gates": list(gates)} if gates else {})})
    elif move.previous == move.current:
        click.echo(f"{model}/{move.alias} stays at {move.current}")
    else:
        click.echo(f"{model}/{move.alias}: {move.previous or 'nothing'} -> {move.current}")


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))
