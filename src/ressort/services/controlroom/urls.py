"""Addresses of the control room."""

from django.urls import URLPattern

from ressort.services.controlroom.alarms import urls as alarms
from ressort.services.controlroom.equipment import urls as equipment
from ressort.services.controlroom.incidents import urls as incidents
from ressort.services.controlroom.reports import urls as reports

app_name = "controlroom"

urlpatterns: list[URLPattern] = [
    *equipment.urlpatterns,
    *alarms.urlpatterns,
    *incidents.urlpatterns,
    *reports.urlpatterns,
]
