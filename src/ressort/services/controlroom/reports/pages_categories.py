"""Pages of the administration: the categories of reports, one by one or as a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core.errors import Refused
from ressort.services.controlroom.reports import forms, queries
from ressort.services.controlroom.reports import tables as exchanged
from ressort.services.controlroom.reports.actions import sorting
from ressort.web import exchanging
from ressort.web.doors import door
from ressort.web.forms import refuse


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
    return exchanging.given_out(exchanged.categories(request.user), "categories", empty=True)


@door("controlroom.category.manage")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give out what is there, as a file that reads back to the same."""
    return exchanging.given_out(exchanged.categories(request.user), "categories")


@door("controlroom.category.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take a file of categories."""
    return exchanging.exchange(
        request,
        exchanged.categories(request.user),
        "controlroom:report_categories",
        reverse("controlroom:report_categories_export"),
        reverse("controlroom:report_categories_template"),
    )
