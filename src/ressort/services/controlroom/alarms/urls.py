"""Addresses of the alarms."""

from django.urls import URLPattern, path

from ressort.services.controlroom.alarms import pages

urlpatterns: list[URLPattern] = [
    path("console/alarmes/", pages.alarms, name="alarms"),
    path("console/alarmes/<int:pk>/", pages.alarm, name="alarm"),
    path("console/alarmes/<int:pk>/<str:deed>/", pages.act, name="alarm_act"),
    path("console/alarmes/regles/", pages.rules, name="rules"),
    path("console/alarmes/regles/nouvelle/", pages.new, name="rule_new"),
    path("console/alarmes/regles/<int:pk>/", pages.edit, name="rule"),
]
