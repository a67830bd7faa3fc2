"""Addresses of the safeguard plan."""

from django.urls import path

from ressort.services.controlroom.plan import pages

urlpatterns = [
    path("console/plan/", pages.listed, name="plan"),
    path("console/plan/nouvelle/", pages.entry, name="plan_new"),
    path("console/plan/importer/", pages.exchange, name="plan_import"),
    path("console/plan/fichier/<str:name>.csv", pages.file, name="plan_file"),
    path("console/plan/<str:pid>/", pages.entry, name="plan_entry"),
    path("console/plan/<str:pid>/<str:deed>/", pages.act, name="plan_act"),
]
