"""Addresses of citizen reports."""

from django.urls import path

from ressort.services.controlroom.reports import pages, pages_categories, pages_staff
from ressort.services.controlroom.reports.open311 import pages as open311

urlpatterns = [
    path("signaler/", pages.start, name="report_start"),
    path("signaler/details/", pages.details, name="report_details"),
    path("signaler/suivi/<str:code>/", pages.follow, name="report_follow"),
    path("signaler/suivi/<str:code>/effacer/", pages.forget, name="report_forget"),
    path("signalements/", pages.reports, name="reports"),
    path("signalements/<str:pid>/", pages.report, name="report"),
    path("signalements/<str:pid>/carte.geojson", pages.report_map, name="report_map"),
    path("signalements/<str:pid>/photo.jpg", pages.photo, name="report_photo"),
    path("signalements/<str:pid>/moi-aussi/", pages.me_too, name="report_me_too"),
    path("open311/v2/<path:path>", open311.serve, name="open311"),
    path("console/signalements/", pages_staff.board, name="report_board"),
    path("console/signalements/saisir/", pages_staff.desk, name="report_for"),
    path("console/signalements/saisir/<str:code>/", pages_staff.desk_done, name="report_for_done"),
    path("console/signalements/categories/", pages_categories.categories, name="report_categories"),
    path("console/signalements/categories/nouvelle/", pages_categories.category, name="report_category_new"),
    path(
        "console/signalements/categories/fichier/", pages_categories.exchange, name="report_categories_file"
    ),
    path(
        "console/signalements/categories/modele.csv",
        pages_categories.template,
        name="report_categories_template",
    ),
    path(
        "console/signalements/categories/export.csv",
        pages_categories.export,
        name="report_categories_export",
    ),
    path("console/signalements/categories/<str:code>/", pages_categories.category, name="report_category"),
    path("console/signalements/<str:pid>/", pages_staff.panel, name="report_panel"),
    path("console/signalements/<str:pid>/<str:deed>/", pages_staff.act, name="report_act"),
]
