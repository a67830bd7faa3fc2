"""Addresses that only a demonstration has."""

from django.urls import path

from ressort.twin import pages

app_name = "twin"

urlpatterns = [
    path("demo/avancer/", pages.advance, name="advance"),
    path("demo/avancer/<str:pid>/", pages.progress, name="progress"),
]
