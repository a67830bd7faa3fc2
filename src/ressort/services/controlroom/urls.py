"""Addresses of the control room."""

from django.urls import URLPattern

from ressort.services.controlroom.reports import urls as reports

app_name = "controlroom"

urlpatterns: list[URLPattern] = [
    *reports.urlpatterns,
]
