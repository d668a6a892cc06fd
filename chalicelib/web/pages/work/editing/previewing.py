"""Previewing: what a form means, asked for as somebody types. Nothing is stored, counted or recorded."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.pages.work.editing.draft import sent
from chalicelib.web.pages.work.editing.meaning import meaning_of
from chalicelib.web.pages.work.editing.showing import again, form, is_for_part


def preview(visit: Visit) -> Response:
    """What stands beside the form, for the script; or the whole form with it, and what is not right yet."""
    draft = sent(visit)
    if is_for_part(visit):
        return page(visit, "work/form/meaning_part.html", meaning=meaning_of(visit, draft))
    told = {problem.field: [problem.sentence] for problem in meaning_of(visit, draft).problems}
    return form(visit, draft, told)


def preview_again(visit: Visit) -> Response:
    """The form with what was typed, because it was made for an earlier visit."""
    return again(visit, sent(visit))


ROUTES: tuple[Route, ...] = (Route(path="/task/preview", post=preview, again=preview_again),)
