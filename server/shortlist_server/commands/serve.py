"""`shortlist serve`: a bundle becomes a server."""

import ipaddress
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shortlist_server.settings import ServeSettings, host_and_port

if TYPE_CHECKING:
    from shortlist_server.lifecycle import Load, Serving
    from shortlist_server.pipeline.protocol import PipelineProtocol
    from shortlist_server.releases.shelf import Shelf

DEFAULTS = ServeSettings()
LOG_LEVELS = ("debug", "info", "warning", "error")


@click.command()
@click.option(
    "--bundles", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, help="Folder of bundles."
)
@click.option("--model", default="default", show_default=True, help="Name of the model to serve.")
@click.option("--version", default="stable", show_default=True, help="A version of it, or an alias.")
@click.option(
    "--host",
    default=DEFAULTS.host,
    show_default=True,
    help="Address to listen on; as it stands this machine alone can reach the server, 0.0.0.0 opens it to the network.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=DEFAULTS.port,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=DEFAULTS.workers,
    show_default=True,
    help="Processes that share the port; one for each core is a good number.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=DEFAULTS.threads,
    show_default=True,
    help="Requests that a worker works on at once.",
)
@click.option(
    "--waiting",
    type=click.IntRange(0, 1_000),
    default=DEFAULTS.waiting,
    show_default=True,
    help="Requests that may wait in a worker before further ones are turned away.",
)
@click.option(
    "--sessions",
    type=click.IntRange(0, 10_000),
    default=DEFAULTS.sessions,
    show_default=True,
    help="Sessions (StreamRecommend) that a worker keeps open, each with a thread of its own; 0 switches them off.",
)
@click.option(
    "--log",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULTS.log,
    help="Folder of the log of changes, on a disk of this host and made if absent: switches FeedbackService on.",
)
@click.option(
    "--impressions",
    type=click.FloatRange(0.0, 1.0),
    default=DEFAULTS.impressions,
    show_default=True,
    help="Share of the lists shown that is kept in the log, with how they came about; without --log none is.",
)
@click.option(
    "--clock",
    type=click.Choice(["live", "log_end"]),
    default="live",
    show_default=True,
    help="What 'now' is for a request that does not say.",
)
@click.option(
    "--grace",
    type=click.FloatRange(0.0, 3_600.0),
    default=DEFAULTS.grace,
    show_default=True,
    help="Seconds that calls in flight get to end when the server stops.",
)
@click.option(
    "--drain-wait",
    type=click.FloatRange(0.0, 600.0),
    default=DEFAULTS.drain_wait,
    show_default=True,
    help="Seconds between telling balancers that the server stops and stopping.",
)
@click.option(
    "--sentinels",
    type=click.FloatRange(0.0, 1.0),
    default=DEFAULTS.sentinels,
    show_default=True,
    help="Share of the lists that are looked at again by a thread: recall as served, drift, skew; 0 switches it off.",
)
@click.option(
    "--recall-floor",
    type=click.FloatRange(0.0, 1.0),
    default=DEFAULTS.recall_floor,
    show_default=True,
    help="Recall, as served, below which indexes are searched deeper, up to eight times as deep; 0 for never.",
)
@click.option(
    "--metrics",
    default=DEFAULTS.metrics,
    metavar="HOST:PORT",
    help="Where Prometheus is answered, for all workers; nowhere by default.",
)
@click.option("--metrics-exposed", is_flag=True, help="Allow an address for --metrics that other machines can reach.")
@click.option(
    "--admin",
    default=DEFAULTS.admin,
    metavar="HOST:PORT",
    help="Where administrators load, promote and roll back (ModelService); nowhere by default, for nobody is asked who "
    "they are. A loopback address, such as 127.0.0.1:50052.",
)
@click.option(
    "--gates",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with a section [gates]: how much worse a bundle may be that an administrator promotes.",
)
@click.option("--admin-exposed", is_flag=True, help="Allow an address for --admin that other machines can reach.")
@click.option(
    "--canary-share",
    type=click.FloatRange(0.0, 1.0),
    default=DEFAULTS.canary_share,
    show_default=True,
    help="Share of the customers who are served from the alias `canary`, while there is one; 0 follows none.",
)
@click.option(
    "--encode-api/--no-encode-api",
    default=DEFAULTS.encode_api,
    show_default=True,
    help="Whether EncodeCustomers and EncodeItems answer.",
)
@click.option(
    "--reflection/--no-reflection",
    default=DEFAULTS.reflection,
    show_default=True,
    help="Whether tools may ask the server what can be called.",
)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS),
    default="warning",
    show_default=True,
    help="What goes to stderr; requests are not logged one by one.",
)
@click.option("--json", "as_json", is_flag=True, help="Announce the server as a line of JSON.")
def serve(
    *,
    bundles: Path,
    model: str,
    version: str,
    clock: str,
    log_level: str,
    as_json: bool,
    metrics: str,
    metrics_exposed: bool,
    admin: str,
    admin_exposed: bool,
    gates: Path | None,
    **settings: object,
) -> None:
    """Serve a bundle over gRPC until SIGTERM or SIGINT, and follow the alias that names it.

    One line on stdout says when requests are answered. SIGTERM ends the calls in flight first.
    """
    load = partial(load_pipeline, bundles, model, version, clock)
    announce = print_json if as_json else print_line
    chosen = ServeSettings(
        admin=checked_address("--admin", admin, exposed=admin_exposed),
        metrics=checked_address("--metrics", metrics, exposed=metrics_exposed),
        **settings,  # type: ignore[arg-type]
    )
    follow = partial(make_shelf, bundles, model, version, clock, gates)
    start(chosen, load, announce, follow=follow, log_level=log_level.upper())


def checked_address(option: str, where: str, *, exposed: bool) -> str:
    """Return an address beside that of the callers, if it may be used.

    Raises:
        UsageError: It is no address, or other machines can reach it and that was not asked for.
    """
    if not where:
        return ""
    try:
        host, _ = host_and_port(where)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from error
    if not exposed and not _is_loopback(host):
        raise click.UsageError(f"{option}: {host} can be reached from elsewhere, and nobody is asked who they are; "
                               f"take 127.0.0.1, or say {option}-exposed")  # fmt: skip
    return where


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def start(
    settings: ServeSettings,
    load: "Load",
    announce: "Callable[[Serving], None]",
    *,
    follow: "Callable[[], Shelf] | None" = None,
    log_level: str = "WARNING",
) -> None:
    """Serve in this process, or in several workers below it, until a signal ends it.

    Args:
        settings: How to serve.
        load: Makes the pipeline; with several workers it has to be picklable.
        announce: Told once, when requests are answered.
        follow: Makes the shelf whose aliases are followed; None serves what was loaded to the end.
        log_level: What goes to stderr.
    """
    keep_to_one_core_each()
    from shortlist_server.lifecycle import run
    from shortlist_server.stopping import StopRequest
    from shortlist_server.workers import Supervisor, start_log

    start_log(log_level)
    stop = StopRequest()
    stop.listen()
    shelf = follow() if follow else None
    if settings.workers == 1:
        run(settings, load, stop, announce, shelf)
    else:
        Supervisor(settings, load, announce, shelf=shelf, log_level=log_level).run(stop)


def keep_to_one_core_each() -> None:
    """Let each request use one core, unless the environment says otherwise.

    OpenMP's own call counts only for the thread that makes it, and requests run on threads that start later. The
    libraries read the environment once, when they are loaded; the workers inherit it.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def load_pipeline(bundles: Path, model: str, version: str, clock: str) -> "PipelineProtocol":
    """Read and verify a bundle, and warm it up; where an alias names one that may not serve, one from before."""
    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.releases.starting import load_first

    return load_first(bundles, model, version, ClockPolicy(clock))


def make_shelf(bundles: Path, model: str, version: str, clock: str, gates: Path | None = None) -> "Shelf":
    """Return where the server's bundles come from, which alias it follows, and what a promotion has to pass."""
    from shortlist_bundle.gates.thresholds import read_thresholds
    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.releases.shelf import BundleShelf

    return BundleShelf.of(bundles, model, version, ClockPolicy(clock), read_thresholds(gates))


def print_line(serving: "Serving") -> None:
    """Announce for people."""
    print(serving, flush=True)


def print_json(serving: "Serving") -> None:
    """Announce for programs."""
    print(serving.json(), flush=True)
