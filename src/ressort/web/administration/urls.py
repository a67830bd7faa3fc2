"""Addresses of the administration."""

from django.urls import path

from ressort.web.administration import (
    pages_fleet,
    pages_installation,
    pages_people,
    pages_school,
    pages_stops,
    pages_tables,
)

ROOT = "console/administration"

urlpatterns = [
    path(f"{ROOT}/", pages_installation.overview, name="administration"),
    path(f"{ROOT}/personnes/", pages_people.people_list, name="people"),
    path(f"{ROOT}/personnes/inviter/", pages_people.invite, name="invite"),
    path(f"{ROOT}/personnes/<str:pid>/", pages_people.person, name="person"),
    path(f"{ROOT}/personnes/<str:pid>/corriger/", pages_people.correct, name="person_correct"),
    path(f"{ROOT}/personnes/<str:pid>/agir/", pages_people.act, name="person_act"),
    path(f"{ROOT}/personnes/<str:pid>/roles/", pages_people.give_role, name="role_give"),
    path(f"{ROOT}/personnes/<str:pid>/roles/<int:pk>/", pages_people.change_role, name="role_change"),
    path(f"{ROOT}/organisations/", pages_people.organisation_list, name="organisations"),
    path(f"{ROOT}/vehicules/", pages_fleet.vehicle_list, name="vehicles"),
    path(f"{ROOT}/vehicules/nouveau/", pages_fleet.vehicle, name="vehicle_new"),
    path(f"{ROOT}/vehicules/<str:pid>/", pages_fleet.vehicle, name="vehicle"),
    path(f"{ROOT}/services/", pages_fleet.shift_list, name="shifts"),
    path(f"{ROOT}/services/copier/", pages_fleet.copy_week, name="shifts_copy"),
    path(f"{ROOT}/services/<int:pk>/", pages_fleet.change_shift, name="shift_change"),
    path(f"{ROOT}/arrets/", pages_stops.stop_list, name="stops"),
    path(f"{ROOT}/arrets/nouveau/", pages_stops.stop, name="stop_new"),
    path(f"{ROOT}/arrets/reseau/", pages_stops.take_stops, name="stops_take"),
    path(f"{ROOT}/arrets/<str:public_id>/", pages_stops.stop, name="stop"),
    path(f"{ROOT}/reseau/", pages_installation.network, name="network"),
    path(f"{ROOT}/reseau/progression/", pages_installation.progress, name="network_progress"),
    path(f"{ROOT}/reseau/arreter/", pages_installation.stop_loading, name="network_stop"),
    path(f"{ROOT}/vacances/", pages_school.holidays, name="school"),
    path(f"{ROOT}/apparence/", pages_installation.identity, name="branding"),
    path(f"{ROOT}/apparence/apercu/", pages_installation.preview, name="branding_preview"),
    path(f"{ROOT}/fichiers/<str:name>/", pages_tables.exchange, name="table"),
    path(f"{ROOT}/fichiers/<str:name>/modele.csv", pages_tables.template, name="table_template"),
    path(f"{ROOT}/fichiers/<str:name>/export.csv", pages_tables.export, name="table_export"),
    path("logo/<str:name>", pages_installation.logo, name="logo"),
    path("mentions-legales/", pages_installation.legal, name="legal"),
]
