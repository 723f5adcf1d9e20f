"""`bighead`: the table of verbs. A verb's module is imported when called, so that `--help` stays quick."""

from __future__ import annotations

import difflib
import importlib

import click

# verb -> (module, one line for --help); the order is the order in which a newcomer needs them.
VERBS: dict[str, tuple[str, str]] = {
    "init": ("bighead.cli.init", "Write a new project folder: features, training set, model, definitions."),
    "demo": ("bighead.cli.demo", "Run the whole way, from features to monitoring, on real flights."),
    "dev": ("bighead.cli.dev", "Start the Dagster UI, its daemon and the serving tier together."),
    "plan": ("bighead.cli.plan", "Say what a backfill would compute, what changed, and who depends on it."),
    "backfill": ("bighead.cli.backfill", "Compute feature partitions for a range of days."),
    "train": ("bighead.cli.train", "Train one partition of a model, check its gates and release it."),
    "promote": ("bighead.cli.promote", "Make a released artifact the active one."),
    "rollback": ("bighead.cli.rollback", "Make the previously active artifact active again."),
    "serve": ("bighead.cli.serve", "Start the serving tier alone."),
    "consume": ("bighead.cli.consume", "Read Kafka topics into the streams, in a process of its own."),
    "dead-letters": ("bighead.cli.dead_letters", "Print the messages that no feature set could take."),
    "predict": ("bighead.cli.predict", "Ask the serving tier for a prediction."),
    "schema": ("bighead.cli.schema", "Write the JSON schema of feature sets in YAML, for editors."),
    "doctor": ("bighead.cli.doctor", "Say what is installed, what is missing and how to get it."),
    "test": ("bighead.cli.test", "Run the project's tests."),
}


class VerbGroup(click.Group):
    """A group that knows its verbs by name only and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Answer an unknown verb with the nearest right one."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1, cutoff=0.5)
            cure = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(VERBS)}."
            ctx.fail(f"no command is called {args[0]!r}. {cure}")
        return super().resolve_command(ctx, args)


@click.group(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bighead")
def main() -> None:
    """Bighead: one feature definition, the same numbers offline, streaming and online.

    Settings come from BIGHEAD_HOME, BIGHEAD_PROJECT, BIGHEAD_CLOCK and others: see docs/settings.md.
    """
