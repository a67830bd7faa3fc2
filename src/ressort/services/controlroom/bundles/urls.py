"""Addresses of paper bundles."""

from django.urls import path

from ressort.services.controlroom.bundles import pages

urlpatterns = [
    path("console/situations/<str:pid>/liasses/", pages.bundles, name="bundles"),
    path("console/situations/<str:pid>/liasses/<str:deed>/", pages.act, name="bundle_act"),
    path("console/situations/<str:pid>/ressaisir/", pages.sheets, name="paper_sheets"),
    path("console/liasses/<str:pid>.pdf", pages.pdf, name="bundle_pdf"),
    path("console/fiches/<str:code>/", pages.sheet, name="paper_sheet"),
]
