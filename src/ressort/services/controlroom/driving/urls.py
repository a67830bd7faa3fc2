"""Addresses of the drivers' pages."""

from django.urls import URLPattern, path

from ressort.services.controlroom.driving import pages, pages_faults

urlpatterns: list[URLPattern] = [
    path("console/poste/adresses/", pages.addresses, name="addresses"),
    path("console/poste/adresses/<str:pid>/", pages.address, name="address"),
    path("console/poste/adresses/<str:pid>/retirer/", pages.remove, name="address_remove"),
    path("console/poste/pannes/", pages_faults.listed, name="faults"),
    path("console/poste/pannes/<str:pid>/", pages_faults.spoil, name="fault"),
    path("console/poste/equipements/<str:pid>/pilote/", pages.wiring, name="wiring"),
    path("console/poste/equipements/<str:pid>/pilote/lire/", pages.read, name="wiring_read"),
]
