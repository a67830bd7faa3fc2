"""Addresses of shadow."""

from django.urls import URLPattern, path

from ressort.services.controlroom.shadow import pages

urlpatterns: list[URLPattern] = [
    path("console/poste/observation/", pages.trials, name="trials"),
    path("console/poste/observation/<int:pk>/", pages.trial, name="trial"),
    path("console/poste/observation/<int:pk>/<str:deed>/", pages.act, name="trial_act"),
    path("console/poste/reflexes/nouveau/", pages.new, name="reflex_new"),
    path("console/poste/reflexes/<int:pk>/", pages.edit, name="reflex"),
]
