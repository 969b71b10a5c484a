"""The group of all commands; a command's module is imported when it is needed, not before."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint
from typing import Any

import click

from shortlist_client.extras import explanation, missing_extra, needs


class CommandGroup(click.Group):
    """Commands by the names of their entry points."""

    def __init__(self, commands: Iterable[EntryPoint]) -> None:
        super().__init__(
            name="shortlist",
            help="Turns a log of who took what into a live recommendation service.",
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        click.version_option(package_name="shortlist")(self)
        self._entry_points = {command.name: command for command in commands}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in order."""
        return sorted(self._entry_points)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or one that says what is missing, or None when there is no such command."""
        entry_point = self._entry_points.get(cmd_name)
        if entry_point is None:
            return None
        try:
            command: click.Command = entry_point.load()
        except ModuleNotFoundError as problem:
            return _unavailable(entry_point, problem)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line for each command, and behind it the extra that is missing for it."""
        names = self.list_commands(ctx)
        width = formatter.width - 6 - max(map(len, names), default=0)
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._short_help(ctx, name, width)) for name in names])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a library that it misses becomes a hint at the extra that brings it."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as problem:
            name = ctx.invoked_subcommand or ""
            hint = explanation(self._entry_points[name], problem) if name in self._entry_points else None
            if hint is None:
                raise
            raise hint from problem

    def _short_help(self, ctx: click.Context, name: str, width: int) -> str:
        command = self.get_command(ctx, name)
        text = command.get_short_help_str(width) if command else ""
        extra = missing_extra(self._entry_points[name])
        return f"{text} {needs(extra)}".strip() if extra and needs(extra) not in text else text


def _unavailable(entry_point: EntryPoint, problem: ModuleNotFoundError) -> click.Command:
    """Return a command that takes any arguments and says why it cannot run."""

    def refuse() -> None:
        raise explanation(entry_point, problem) or problem

    extra = missing_extra(entry_point)
    return click.Command(
        entry_point.name,
        callback=refuse,
        short_help=needs(extra) if extra else f"(cannot be loaded: {problem})",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
