"""Addresses of the control room."""

from django.urls import URLPattern

from ressort.services.controlroom.equipment import urls as equipment

app_name = "controlroom"

urlpatterns: list[URLPattern] = [*equipment.urlpatterns]
