"""The `shortlist` program: finds the command, runs it, and says in one line what went wrong."""

import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

GROUP = "shortlist.commands"
"""The entry points by which every package adds its commands."""

NEEDS_CLI = "the shortlist program needs the extra `cli`: pip install 'shortlist[cli]'"
INTERRUPTED = 130  # 128 plus the number of SIGINT, as shells count.


def main() -> None:
    """Run the program with the arguments of the process, and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], commands: Iterable[EntryPoint] | None = None) -> int:
    """Run the program and return its exit code: 0 for success, 1 or 2 for an error that was said, 130 for Ctrl-C.

    Args:
        arguments: Everything after the program's name.
        commands: The commands on offer; None takes those of the installed packages.
    """
    try:
        import click
        import rich  # noqa: F401  # The commands need both; better to say so before any of them starts.
    except ModuleNotFoundError:
        print(NEEDS_CLI, file=sys.stderr)
        return 1
    from shortlist_client.command_group import CommandGroup

    group = CommandGroup(entry_points(group=GROUP) if commands is None else commands)
    try:
        outcome = group.main(list(arguments), prog_name="shortlist", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except Exception as problem:
        if not getattr(problem, "user_message", False):
            raise
        click.echo(f"error: {' '.join(str(problem).split())}", err=True)
        return 2
    return outcome if isinstance(outcome, int) else 0
