"""The root of the API and the pages: everything that people ask for."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.session import Session

from chalicelib.actions import function
from chalicelib.adapters import icalendar_file
from chalicelib.adapters.dynamo.ground import schema
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.bootstrap.groups import looking_after, memberships
from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import Ports, deployed, session
from chalicelib.core.people.usage import Usage
from chalicelib.engine.alerts.keys import LetterKeys
from chalicelib.engine.requests.answers import Answers
from chalicelib.engine.requests.control import Control
from chalicelib.engine.requests.groups.groups import Groups
from chalicelib.engine.requests.groups.standing import Standings
from chalicelib.engine.requests.looking.condition import Condition
from chalicelib.engine.requests.looking.figures import Figures
from chalicelib.engine.requests.looking.overview import Overview
from chalicelib.engine.requests.looking.survey import Survey
from chalicelib.engine.requests.people.accounts import Accounts
from chalicelib.engine.requests.people.audit_log import AuditLog
from chalicelib.engine.requests.people.invitations import Invitations
from chalicelib.engine.requests.people.limits import Limits
from chalicelib.engine.requests.people.quotas import Quotas
from chalicelib.engine.requests.people.tokens import Tokens
from chalicelib.engine.requests.reports import Reports
from chalicelib.engine.requests.secrets import OwnSecrets
from chalicelib.engine.requests.signatures import Signatures
from chalicelib.engine.requests.tasks.calendars import Calendars
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.engine.requests.tasks.due_times import DueTimes
from chalicelib.engine.requests.tasks.in_code import InCode
from chalicelib.engine.requests.tasks.trials import Trials
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings


@dataclass(frozen=True, kw_only=True)
class WholePorts(Ports):
    """The ports of the engine, with all that the four tables hold."""

    store: WholeStore


@dataclass(frozen=True, kw_only=True)
class OfTasks:
    """What requests about tasks, groups and their runs are handed to."""

    catalog: Catalog
    calendars: Calendars
    secrets: OwnSecrets
    due_times: DueTimes
    trials: Trials
    in_code: InCode
    groups: Groups
    group_standings: Standings
    reports: Reports
    control: Control
    quotas: Quotas
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class OfPeople:
    """What requests about accounts, and about what is kept of people, are handed to."""

    accounts: Accounts
    tokens: Tokens
    invitations: Invitations
    answers: Answers
    audit_log: AuditLog
    signatures: Signatures
    letter_keys: LetterKeys


@dataclass(frozen=True, kw_only=True)
class OfTheWhole:
    """What requests that look at many tasks at once, or at the installation, are handed to."""

    overview: Overview
    figures: Figures
    condition: Condition
    survey: Survey


@dataclass(frozen=True, kw_only=True)
class Requests(OfTasks, OfPeople, OfTheWhole):
    """Everything that the front door hands requests to."""

    settings: Settings
    clock: Clock


def assemble(ports: WholePorts) -> Requests:
    """What requests are handed to, over given ports."""
    quota = _quota(ports.settings)
    tasks = _of_tasks(ports, quota)
    parts = vars(tasks) | vars(_of_people(ports, tasks.in_code)) | vars(_of_the_whole(ports, quota))
    return Requests(settings=ports.settings, clock=ports.clock, **parts)


def _of_tasks(ports: WholePorts, quota: Usage) -> OfTasks:
    settings, store, queue, clock = ports.settings, ports.store, ports.queue, ports.clock
    catalog = Catalog(store=store, queue=queue, clock=clock, secrets=ports.secrets, shards=settings.shards)
    reports = Reports(store=store, run_feed=settings.run_feed)
    quotas = Quotas(store=store, clock=clock, catalog=catalog, quota=quota)
    limits = Limits(store=store, clock=clock, runs=settings.max_runs_per_minute)
    return OfTasks(
        catalog=catalog,
        calendars=Calendars(store=store, clock=clock, catalog=catalog, read=icalendar_file.spans_in),
        secrets=OwnSecrets(store=store, secrets=ports.secrets),
        due_times=DueTimes(store=store, queue=queue, clock=clock, catalog=catalog),
        trials=Trials(store=store, queue=queue, clock=clock, catalog=catalog),
        in_code=InCode(store=store, clock=clock, catalog=catalog, quotas=quotas, code_owner=settings.code_owner),
        groups=_groups(ports, catalog, limits),
        group_standings=Standings(store=store),
        reports=reports,
        control=_control(ports, catalog, reports),
        quotas=quotas,
        limits=limits,
    )


def _control(ports: WholePorts, catalog: Catalog, reports: Reports) -> Control:
    return Control(
        store=ports.store,
        queue=ports.queue,
        clock=ports.clock,
        catalog=catalog,
        reports=reports,
        memberships=memberships(ports),
    )


def _groups(ports: WholePorts, catalog: Catalog, limits: Limits) -> Groups:
    return Groups(
        store=ports.store,
        queue=ports.queue,
        clock=ports.clock,
        catalog=catalog,
        looking_after=looking_after(ports),
        limits=limits,
    )


def _of_people(ports: WholePorts, in_code: InCode) -> OfPeople:
    store, clock = ports.store, ports.clock
    tokens, invitations = Tokens(store=store, clock=clock), Invitations(store=store, clock=clock)
    accounts = Accounts(
        store=store,
        clock=clock,
        registration=ports.settings.registration,
        tokens=tokens,
        invitations=invitations,
        joined=in_code.joined,
    )
    return OfPeople(
        accounts=accounts,
        tokens=tokens,
        invitations=invitations,
        answers=Answers(store=store, clock=clock),
        audit_log=AuditLog(store=store, clock=clock),
        signatures=Signatures(store=store),
        letter_keys=LetterKeys(store=store),
    )


def _of_the_whole(ports: WholePorts, quota: Usage) -> OfTheWhole:
    settings, store, clock = ports.settings, ports.store, ports.clock
    return OfTheWhole(
        overview=Overview(store=store, run_feed=settings.run_feed, shards=settings.shards),
        figures=Figures(store=store, clock=clock),
        condition=Condition(store=store, queue=ports.queue, clock=clock, chosen_shards=settings.shards),
        survey=Survey(store=store, quota=quota),
    )


def stored_forms() -> dict[str, int]:
    """The number of the form in which this version stores each kind of item."""
    return dict(schema.FORMS)


def _quota(settings: Settings) -> Usage:
    return Usage(
        tasks=settings.max_tasks,
        stored_bytes=settings.max_stored_bytes,
        hourly_runs=settings.max_runs_per_minute * 60,
    )


def whole(ports: Ports, session: Session) -> WholePorts:
    """The ports of a stage over AWS with its whole store."""
    return WholePorts(**vars(ports) | {"store": WholeDynamoStore(ports.settings, session=session)})


def _build() -> Requests:
    function.discover()  # requests say which functions there are, and check what they are called with
    return assemble(whole(deployed(), session()))


system = Once(_build)
"""This process's."""
