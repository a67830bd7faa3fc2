"""Pages of the administration: the categories of reports, one by one or as a file."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core import decoding, tables
from ressort.core.errors import Refused
from ressort.services.controlroom.reports import forms, queries
from ressort.services.controlroom.reports import tables as exchanged
from ressort.services.controlroom.reports.actions import sorting
from ressort.services.controlroom.reports.pages_staff import file_sent_again
from ressort.web.administration.forms import TableFile
from ressort.web.doors import door
from ressort.web.forms import refuse

SHOWN = 200


@door("controlroom.category.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def categories(request: HttpRequest) -> HttpResponse:
    """List the categories with their delays; start from the usual ones."""
    form = forms.Start(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count = sorting.start(request.user, form.cleaned_data["organisation"])
        messages.success(request, _("Catégories ajoutées : %(count)d.") % {"count": count})
        return redirect("controlroom:report_categories")
    kept = queries.kept_promises()
    found = [(one, *kept.get(one.pk, (0, 0))) for one in queries.categories(every=True)]
    context = {"categories": found, "form": form}
    return render(request, "controlroom/report_categories.html", context, status=422 if form.errors else 200)


@door("controlroom.category.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, code: str = "") -> HttpResponse:
    """Change a category, or make a new one."""
    present = sorting.find(code) if code else None
    form = forms.Category(request.POST or None, instance=present)
    if request.method == "POST" and form.is_valid():
        try:
            sorting.save(request.user, form.cleaned_data, code)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Catégorie enregistrée."))
            return redirect("controlroom:report_categories")
    context = {"form": form, "category": sorting.find(code) if code else None}
    return render(request, "controlroom/report_category.html", context, status=422 if form.errors else 200)


@door("controlroom.category.manage")
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Give out an empty table with its headers and an example."""
    return _file(tables.template(exchanged.categories(request.user)), "modele-categories.csv")


@door("controlroom.category.manage")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give out what is there, as a file that reads back to the same."""
    return _file(tables.export(exchanged.categories(request.user)), "categories.csv")


def _file(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@door("controlroom.category.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take a file: show what it would do, line by line; then, once confirmed, do it."""
    table = exchanged.categories(request.user)
    if request.method == "POST" and request.POST.get("deed") == "apply":
        found = tables.apply(table, file_sent_again(request))
        count = len(found.of("new")) + len(found.of("changed"))
        messages.success(request, _("Fichier appliqué, catégories : %(count)d.") % {"count": count})
        return redirect("controlroom:report_categories")
    form = TableFile(request.POST, request.FILES) if request.method == "POST" else TableFile()
    compared, data = None, b""
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data["file"].read(decoding.MOST_BYTES + 1)
            compared = tables.read(table, data)
        except Refused as error:
            refuse(form, error)
    context = {
        "table": table,
        "form": form,
        "found": compared,
        "data": base64.b64encode(data).decode() if compared and compared.ready else "",
        "page_url": reverse("controlroom:report_categories"),
        "template_url": reverse("controlroom:report_categories_template"),
        "export_url": reverse("controlroom:report_categories_export"),
        **(_shown(compared) if compared else {}),
    }
    status = 422 if form.errors or (compared and compared.faults) else 200
    return render(request, "web/administration/table.html", context, status=status)


def _shown(found: tables.Comparison) -> dict[str, object]:
    rows = [row for row in found.rows if row.state != "same"]
    counts = {state: len(found.of(state)) for state in ("new", "changed", "same", "refused")}
    return {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "counts": counts}
