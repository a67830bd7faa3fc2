"""People and organisations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import organisations, people
from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.core.notify.sending import cancel
from ressort.web import undo
from ressort.web.administration.forms import (
    ROLES,
    Access,
    Coordinates,
    Invitation,
    NewOrganisation,
    day_field,
)
from ressort.web.doors import door
from ressort.web.forms import refuse
from ressort.web.links import address_of, carry

PAGE = 50
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("people.manage")
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """List the people of one's organisations, with a search."""
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("q", "role", "state")}
    found = people.everyone(request.user, search=asked["q"], role=asked["role"], state=asked["state"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "people": people.told(request.user, page.object_list),
        "roles": ROLES,
        "states": [("active", _("Actifs")), ("invited", _("Invités")), ("off", _("Partis"))],
        "filtered": any(asked.values()),
    }
    return render(request, "web/administration/people.html", context)


@door("people.manage")
@get_or_post
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    mine = people.managed(request.user)
    form = Invitation(request.POST or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person, secret = people.invite(
                request.user,
                given["organisation"],
                email=given["email"],
                name=given["name"],
                phone=given["phone"],
                role=given["role"],
                until=people.last_moment(given["until"]),
            )
        except Refused as error:
            refuse(form, error)
        else:
            tell(request, person, secret)
            return redirect("web:person", pid=person.pid)
    status = 422 if form.errors else 200
    return render(request, "web/administration/invite.html", {"form": form}, status=status)


def tell(request: HttpRequest, person: User, secret: str) -> None:
    """Send an invitation, and say on the next page what was done."""
    if not secret:
        messages.success(
            request, _("Le rôle est donné. Cette personne avait déjà un compte : elle s'en sert.")
        )
        return
    invite_by_message(request, person, secret)
    messages.success(
        request,
        _("L'invitation part à %(email)s. Le lien sert une fois, pendant sept jours.")
        % {"email": person.email},
    )


def invite_by_message(request: HttpRequest, person: User, secret: str) -> None:
    """Write the message of an invitation; one that still waits carries a link that is void, and does not leave."""
    cancel(person.pid, kind="account.invitation")
    carry(request, person, secret, "account.invitation")


@door("people.manage")
@require_safe
def person(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a person: what they hold, and what can be done."""
    return _person(request, pid)


def _person(request: HttpRequest, pid: str, *, link: str = "", **forms: Any) -> HttpResponse:
    found = people.find(request.user, pid)
    mine = people.managed(request.user)
    context = {
        "told": people.told(request.user, [found])[0],
        "person": found,
        "access": forms.get("access") or Access(organisations=mine, prefix="new"),
        "coordinates": forms.get("coordinates")
        or Coordinates(initial={"name": found.name, "phone": found.phone}, prefix="who"),
        "is_me": found.pk == request.user.pk,
        "link": link,
    }
    return render(request, "web/administration/person.html", context, status=422 if forms else 200)


@door("people.manage")
@require_POST
def correct(request: HttpRequest, pid: str) -> HttpResponse:
    """Correct a name or a telephone."""
    form = Coordinates(request.POST, prefix="who")
    if form.is_valid():
        try:
            people.correct(request.user, pid, **form.cleaned_data)
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("C'est enregistré."))
            return redirect("web:person", pid=pid)
    return _person(request, pid, coordinates=form)


@door("people.manage")
@require_POST
def give_role(request: HttpRequest, pid: str) -> HttpResponse:
    """Give a role."""
    form = Access(request.POST, organisations=people.managed(request.user), prefix="new")
    if form.is_valid():
        given = form.cleaned_data
        try:
            people.give(
                request.user, pid, given["organisation"], given["role"], people.last_moment(given["until"])
            )
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("Le rôle est donné."))
            return redirect("web:person", pid=pid)
    return _person(request, pid, access=form)


@door("people.manage")
@require_POST
def change_role(request: HttpRequest, pid: str, pk: int) -> HttpResponse:
    """Set the end of a role, or withdraw it."""
    if request.POST.get("deed") == "take":
        taken = people.take(request.user, pid, pk)
        # by invitation: whoever held no other role is no longer in these organisations
        kept = {
            "email": taken.user.email,
            "name": taken.user.name,
            "organisation": taken.organisation.pid,
            "role": taken.role,
            "until": f"{taken.until:%Y-%m-%d}" if taken.until else "",
        }
        undo.said(request, _("Le rôle est retiré."), reverse("web:invite"), kept)
        return _back(request, pid)
    try:
        day = day_field("").to_python(request.POST.get("until", "")) if request.POST.get("until") else None
    except Exception:  # a day that is not one: one sentence says so
        raise Refused("bad-day", _("Écrivez la date ainsi : 15/09/2026."), field="until") from None
    people.limit(request.user, pid, pk, people.last_moment(day))
    messages.success(request, _("La durée de l'accès est enregistrée."))
    return _back(request, pid)


def _back(request: HttpRequest, pid: str) -> HttpResponse:
    """Return to the person, or to the list where they are no longer in it."""
    if people.everyone(request.user).filter(pid=pid).exists():
        return redirect("web:person", pid=pid)
    return redirect("web:people")


@door("people.manage")
@require_POST
def act(request: HttpRequest, pid: str) -> HttpResponse:
    """Send an invitation again, withdraw it, let a person go, let them come back."""
    match request.POST.get("deed", ""):
        case "send":
            tell(request, *people.send_again(request.user, pid))
        case "hand":
            person, secret = people.send_again(request.user, pid)
            cancel(person.pid, kind="account.invitation")
            return _person(request, pid, link=address_of(request, secret))
        case "withdraw":
            people.withdraw(request.user, pid)
            cancel(pid, kind="account.invitation")
            messages.success(request, _("L'invitation est retirée : son lien n'ouvre plus rien."))
        case "leave":
            if request.POST.get("sure") != "yes":
                raise Refused(
                    "not-sure", _("Cochez la case pour confirmer que cette personne s'en va."), field="sure"
                )
            people.leave(request.user, pid)
            undo.said(
                request,
                _("Ses accès sont fermés et ses sessions terminées."),
                reverse("web:person_act", kwargs={"pid": pid}),
                {"deed": "return"},
            )
        case "return":
            people.come_back(request.user, pid)
            messages.success(request, _("Ses accès sont rouverts, avec les mêmes rôles."))
        case _:
            raise Refused(
                "bad-deed", _("Ce geste n'existe pas : utilisez les boutons de la page."), status=400
            )
    return _back(request, pid)


@door("people.manage")
@get_or_post
def organisation_list(request: HttpRequest) -> HttpResponse:
    """List one's organisations; create one, rename one."""
    form = NewOrganisation(request.POST if request.POST.get("deed") == "create" else None)
    renaming, sentence = request.POST.get("pid", ""), ""
    if request.method == "POST":
        try:
            if renaming:
                organisations.rename(request.user, renaming, request.POST.get("name", ""))
                messages.success(request, _("L'organisation a changé de nom."))
                return redirect("web:organisations")
            if form.is_valid():
                made = organisations.create(request.user, **form.cleaned_data)
                messages.success(
                    request, _("« %(name)s » est créée ; vous en êtes administrateur.") % {"name": made.name}
                )
                return redirect("web:organisations")
        except Refused as error:
            if renaming:
                sentence = error.sentence
            else:
                refuse(form, error)
    context = {
        "organisations": [(one, one.memberships.count()) for one in people.managed(request.user)],
        "form": form,
        "renaming": renaming,
        "sentence": sentence,
        "typed": request.POST.get("name", ""),
    }
    status = 422 if form.errors or sentence else 200
    return render(request, "web/administration/organisations.html", context, status=status)
