"""Showing the form: with what was typed, what is wrong with it, and what it means."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from chalice.app import Response

from chalicelib.core.errors import Invalid, PunctualError
from chalicelib.core.people.rights import lacking
from chalicelib.functions import registry
from chalicelib.web.frame.problems import status_of
from chalicelib.web.pages.forms import csrf
from chalicelib.web.pages.forms.field_errors import Errors, Unacceptable
from chalicelib.web.pages.forms.task.choices import CHOICES
from chalicelib.web.pages.forms.task.schedules.daily import CLOCK, DAY_WORDS, DAYS
from chalicelib.web.pages.forms.task.times import DATE_TIME
from chalicelib.web.pages.forms.task.whole import EMPTY, LABELS
from chalicelib.web.pages.looks.words import sentence
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.editing.draft import Draft
from chalicelib.web.pages.work.editing.meaning import meaning_of

FORM = "work/form/form.html"


def form(visit: Visit, draft: Draft, errors: Errors | None = None, status: int = 200, **more: Any) -> Response:
    """The page with the form. `more` is what else stands on it: a lost race, what came of trying it."""
    settings, functions = visit.system.settings, registry.registered()
    known = {"clashes": None, "trial": None, "fresh": False} | more
    return page(
        visit,
        FORM,
        status,
        typed=draft.typed,
        errors=errors or {},
        task=draft.task,
        meaning=meaning_of(visit, draft),
        usual=EMPTY,
        choices=CHOICES,
        days=list(zip(DAYS, DAY_WORDS, strict=True)),
        is_date_time=lambda text: not text or DATE_TIME.fullmatch(text) is not None,
        is_clock=lambda text: CLOCK.fullmatch(text) is not None,
        functions=functions,
        function_options=[("", "Choose one"), *((one.name, one.name) for one in functions)],
        lacks={kind: lacking(visit.user, {"type": kind}) for kind in ("command", "aws")},
        aws_allowed=sorted(settings.aws_actions_allowed),
        topics=settings.alert_topics,
        calendars=[calendar.name for calendar in visit.system.calendars.calendars(visit.user)],
        **known,
    )


def refused(visit: Visit, draft: Draft, error: PunctualError) -> Response:
    """The form again, with what was typed and what is wrong with it."""
    errors, status = said_of(draft, error)
    return form(visit, draft, errors, status)


def again(visit: Visit, draft: Draft) -> Response:
    """The form with what was typed, because it was made for an earlier visit; for the script, that sentence alone."""
    errors = {"": [csrf.SAY_IT_AGAIN]}
    return unclear(visit, errors) if is_for_part(visit) else form(visit, draft, errors, 403)


def said_of(draft: Draft, error: PunctualError) -> tuple[Errors, int]:
    """What an error says of which field, and the status of its page."""
    if isinstance(error, Unacceptable):
        return error.errors, 422
    if isinstance(error, Invalid):
        return draft.errors_of(error), 422
    return {"": [sentence(error)]}, int(status_of(error))


def unclear(visit: Visit, errors: Errors) -> Response:
    """What is not right, for the script to show; with a status that it takes."""
    order = ["", *LABELS]
    in_order = {name: errors[name] for name in sorted(errors, key=order.index)}
    return page(visit, "work/form/unclear_part.html", errors=in_order, labels=defaultdict(str, LABELS))


def is_for_part(visit: Visit) -> bool:
    """Whether the script asks for a part of the page, and not a browser for the whole."""
    return visit.headers.get("hx-request") == "true"
