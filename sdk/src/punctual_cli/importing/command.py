"""`punctual import`: crontab, celery-beat, eventbridge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from punctual_cli.applying.marks import found_in
from punctual_cli.applying.places import Unreadable
from punctual_cli.applying.reading import STDIN, text_of
from punctual_cli.errors import Ended, ExitCode, Failed, exit_code
from punctual_cli.importing import telling
from punctual_cli.importing.carrying import Carried, Standing, bring, look
from punctual_cli.importing.celery.converting import BROKERS, Choices, celery_source
from punctual_cli.importing.celery.reading import periodic_tasks
from punctual_cli.importing.crontab.converting import crontab_source
from punctual_cli.importing.eventbridge.converting import eventbridge_source
from punctual_cli.importing.eventbridge.reading import scheduled
from punctual_cli.importing.found import Source
from punctual_cli.printing import Form, output_option, show_json
from punctual_cli.session import connected
from punctual_client import Client, Invalid

C = TypeVar("C", bound=Callable[..., Any])
SYSTEM_CRONTAB, SYSTEM_FOLDER = Path("/etc/crontab"), Path("/etc/cron.d")


@click.group("import")
def import_() -> None:
    """Bring over what another scheduler runs: each becomes a paused task, once, and what it cannot have is said."""


def _options(command: C) -> C:
    """What all of them take."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Only say what would be: exit code 10 if anything is new."),
        click.option("--active", is_flag=True, help="Begin at once with what was on; otherwise all are paused."),
        click.option("--set", "set_name", metavar="NAME", help="The set they belong to, to tell two sources apart."),
        output_option,
    ):
        command = option(command)
    return command


@import_.command()
@click.argument("file")
@click.option("--system", is_flag=True, help="Each line has a user, as in /etc/crontab and /etc/cron.d.")
@click.option("--tz", "time_zone", metavar="ZONE", help="The time zone of the old machine; UTC otherwise.")
@_options
def crontab(file: str, *, system: bool, time_zone: str | None, **options: Any) -> None:
    """A crontab: a file, or - for `crontab -l | punctual import crontab -`."""
    path = Path(file)
    system = system or path == SYSTEM_CRONTAB or path.parent == SYSTEM_FOLDER
    _import(lambda: crontab_source(text_of(file), system=system, time_zone=time_zone), time_zone, **options)


@import_.command("celery-beat")
@click.argument("file")
@click.option(
    "--map", "mapped", multiple=True, metavar="TASK=FUNCTION", help="The function that a Celery task becomes."
)
@click.option("--tz", "time_zone", metavar="ZONE", help="CELERY_TIMEZONE; UTC otherwise.")
@click.option("--broker", type=click.Choice(sorted(BROKERS)), help="Which way round its priorities count.")
@_options
def celery_beat(
    file: str, *, mapped: tuple[str, ...], time_zone: str | None, broker: str | None, **options: Any
) -> None:
    """Celery beat: django-celery-beat's SQLite database or `dumpdata`, or a `beat_schedule` in Python or JSON."""
    choices = Choices(functions=dict(map(_pair, mapped)), time_zone=time_zone, broker=broker)
    _import(lambda: celery_source(periodic_tasks(file), choices), time_zone, **options)


@import_.command()
@click.argument("files", nargs=-1, required=True)
@_options
def eventbridge(files: tuple[str, ...], **options: Any) -> None:
    """EventBridge: what `aws scheduler get-schedule`, or `aws events` of rules and their targets, prints."""

    def source() -> Source:
        texts = [(text_of(file), "standard input" if file == STDIN else file) for file in files]
        return eventbridge_source([one for text, name in texts for one in scheduled(text, name)])

    _import(source, None, **options)


def _pair(given: str) -> tuple[str, str]:
    old, equals, new = given.partition("=")
    if not equals or not old.strip() or not new.strip():
        raise click.BadParameter(f"{given!r}: write --map module.task=function", param_hint="--map")
    return old.strip(), new.strip()


def _check_zone(client: Client, name: str) -> None:
    """A zone that there is not is said once, and not of every entry."""
    try:
        client.preview({"type": "cron", "expression": "@daily", "time_zone": name}, count=1)
    except Invalid as error:
        raise Failed(f"--tz: {error.errors[0].detail if error.errors else error}", ExitCode.USAGE) from error


def _import(
    read: Callable[[], Source],
    time_zone: str | None,
    *,
    dry_run: bool,
    active: bool,
    set_name: str | None,
    form: Form,
) -> None:
    try:
        source = read()
    except Unreadable as error:
        raise Failed(f"{error}\nNothing was made.", ExitCode.REFUSED) from error
    source = replace(source, set_name=set_name or source.set_name)
    client = connected()
    if time_zone is not None:
        _check_zone(client, time_zone)
    carried = look(source, found_in(client.tasks.list(page=100)), client, active=active)
    brought = carried if dry_run else list(bring(carried, client.tasks))
    if form is Form.JSON:
        show_json(telling.to_json(source, brought, dry_run=dry_run))
    else:
        telling.tell(source, brought, dry_run=dry_run)
    _end(brought, dry_run=dry_run)


def _end(brought: Sequence[Carried], *, dry_run: bool) -> None:
    errors = [one.error for one in brought if one.error is not None]
    if errors:
        raise Ended(exit_code(errors[0]))
    if dry_run and any(one.standing is Standing.NEW for one in brought):
        raise Ended(ExitCode.WOULD_CHANGE)
    if any(one.standing is Standing.IMPOSSIBLE for one in brought):
        raise Ended(ExitCode.NOT_ALL)
