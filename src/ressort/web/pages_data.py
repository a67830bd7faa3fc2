"""Personal data: the public register of processing, « Mes données », and what the retention work did."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ressort.core.accounts.models import User
from ressort.core.privacy import holdings
from ressort.core.retention import work
from ressort.web import mydata
from ressort.web.doors import door


@door("privacy.see")
@require_safe
def processing(request: HttpRequest) -> HttpResponse:
    """Show what is kept of people, why, how long: the register of processing, in plain French."""
    return render(request, "web/processing.html", {"register": mydata.processing()})


@door("privacy.see")
@require_safe
def processing_csv(request: HttpRequest) -> HttpResponse:
    """Give the register of processing out as a table."""
    del request
    return _file(mydata.processing_csv().encode(), "text/csv; charset=utf-8", "traitements.csv")


@door("account.export")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show a person all that is kept of them, by table, why and for how long."""
    parts = mydata.readable(mydata.gather(cast("User", request.user)))
    context = {
        "parts": [part for part in parts if part["rows"]],
        "empty": [part["holding"].title for part in parts if not part["rows"]],
    }
    return render(request, "web/my_data.html", context)


@door("account.export")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give a person all that is kept of them, as a ZIP."""
    return _file(mydata.archive(cast("User", request.user)), "application/zip", "mes-donnees.zip")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    said = f'attachment; filename="{name}"'
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": said, "Cache-Control": "no-store"}
    )


@door("privacy.runs")
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Show administrators the durations in force, what waits for the next run, and what the last runs did."""
    titles = {one.label: str(one.title) for one in holdings()}
    waiting = work.look()
    context = {
        "rules": [(one, mydata.kept_words(one), waiting.get(one.label)) for one in holdings()],
        "runs": [
            (run, [(titles.get(label, label), count) for label, count in run.counts.items()])
            for run in work.runs()
        ],
    }
    return render(request, "web/retention.html", context)
