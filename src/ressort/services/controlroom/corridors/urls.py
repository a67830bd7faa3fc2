"""Addresses of corridors."""

from django.urls import path

from ressort.services.controlroom.corridors import pages, pages_past

urlpatterns = [
    path("console/poste/couloirs/", pages.listed, name="corridors"),
    path("console/poste/couloirs/nouveau/", pages.new, name="corridor_new"),
    path("console/poste/couloirs/<str:pid>/", pages.corridor, name="corridor"),
    path("console/poste/couloirs/<str:pid>/alors/", pages_past.then, name="corridor_then"),
    path("console/poste/couloirs/<str:pid>/carte/", pages.drawn, name="corridor_map"),
    path("console/poste/couloirs/<str:pid>/ouvrir/", pages.open_corridor, name="corridor_open"),
    path("console/poste/couloirs/<str:pid>/relacher/", pages.release, name="corridor_release"),
    path("console/poste/couloirs/<str:pid>/accord/<str:deed>/", pages.decide, name="corridor_decide"),
    path("console/poste/couloirs/<str:pid>/<str:deed>/", pages.act, name="corridor_act"),
]
