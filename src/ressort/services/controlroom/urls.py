"""Addresses of the control room."""

from django.urls import URLPattern

from ressort.services.controlroom.alarms.urls import urlpatterns as alarms
from ressort.services.controlroom.incidents.urls import urlpatterns as incidents

app_name = "controlroom"

urlpatterns: list[URLPattern] = [
    *incidents,
    *alarms,
]
