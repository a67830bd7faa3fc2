"""The one page on which a table is exchanged with a spreadsheet: template, export, dry run, application.

A page gives its table (``core/tables.py``), the addresses it hangs on and the form it wants; all the rest, from the file
that cannot be read to the rows that are shown first, is here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import decoding, tables
from ressort.core.errors import Refused
from ressort.core.tables import Comparison, Table
from ressort.web.forms import refuse

SHOWN = 200
"""Rows of a dry run that are shown; the rest is counted."""


class TableFile(forms.Form):
    """A file of a spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("Fichier CSV ou classeur"),
        help_text=gettext_lazy("CSV, .xlsx, .ods ou .xls (première feuille) ; 1 Mo et 5 000 lignes au plus."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods,.xls,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choisissez un fichier."),
            "empty": gettext_lazy("Ce fichier est vide : partez du modèle."),
            "max_length": gettext_lazy("Le nom de ce fichier est trop long."),
        },
    )


def given_out(table: Table, name: str, *, empty: bool = False) -> HttpResponse:
    """Answer what is there as a file that reads back to the same; ``empty``: its headers and an example."""
    data, file = (tables.template(table), f"modele-{name}") if empty else (tables.export(table), name)
    headers = {"Content-Disposition": f'attachment; filename="{file}.csv"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


def exchange(
    request: HttpRequest,
    table: Table,
    page: str,
    export_url: str,
    template_url: str,
    *,
    form_class: type[forms.Form] = TableFile,
    as_table: Callable[[bytes], bytes] = bytes,
    applied: Callable[[Comparison], None] | None = None,
    template: str = "web/exchange.html",
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """Take a file: show what it would do, line by line; then, once confirmed, do it.

    Parameters
    ----------
    request, table
        Who sends what, of which kind; the table itself refuses those who may not write.
    page : str
        Name of the page the table belongs to.
    export_url, template_url : str
        Addresses that answer :func:`given_out`.
    form_class
        A form with a ``file``.
    as_table : callable
        From the bytes of the file to those of a CSV.
    applied : callable, optional
        Called with what was applied, before the page is shown again.
    template, more
        The page, if it says more than this one, and what it says.
    """
    if request.method == "POST" and request.POST.get("deed") == "apply":
        done = tables.apply(table, sent_again(request))
        counts = {"new": len(done.of("new")), "changed": len(done.of("changed"))}
        said = _("Fichier appliqué : %(new)d ajouts, %(changed)d modifications.") % counts
        messages.success(request, said)
        if applied:
            applied(done)
        return redirect(page)
    form = form_class(request.POST, request.FILES) if request.method == "POST" else form_class()
    found, data = None, b""
    if request.method == "POST" and form.is_valid():
        try:
            data = as_table(form.cleaned_data["file"].read(decoding.MOST_BYTES + 1))
            found = tables.read(table, data)
        except Refused as error:
            refuse(form, error)
    context = {
        "table": table,
        "page_url": reverse(page),
        "export_url": export_url,
        "template_url": template_url,
        "form": form,
        "found": found,
        "data": base64.b64encode(data).decode() if found and found.ready else "",
        **(_shown(found) if found else {}),
        **(more or {}),
    }
    return render(request, template, context, status=422 if form.errors or (found and found.faults) else 200)


def _shown(found: Comparison) -> dict[str, Any]:
    """Return the rows worth showing first: what is wrong, then what changes, then what is new."""
    order = {"refused": 0, "changed": 1, "new": 2}
    telling = sorted(
        (row for row in found.rows if row.state in order), key=lambda row: (order[row.state], row.line)
    )
    counts = {state: len(found.of(state)) for state in ("new", "changed", "same", "refused")}
    return {"rows": telling[:SHOWN], "more": max(0, len(telling) - SHOWN), "counts": counts}


def sent_again(request: HttpRequest) -> bytes:
    """Return the file of a dry run, which its page carries until it is applied.

    Raises
    ------
    Refused
        If it did not come back whole.
    """
    try:
        return base64.b64decode(request.POST.get("data", ""), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(
            "bad-table", _("Le fichier n'est pas revenu entier : déposez-le à nouveau."), field="file"
        ) from None
