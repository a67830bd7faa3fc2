"""Addresses of clearances."""

from django.urls import path

from ressort.services.controlroom.clearances import pages

urlpatterns = [
    path("console/habilitations/", pages.listed, name="clearances"),
    path("console/habilitations/confier/", pages.grant, name="clearance_grant"),
    path("console/habilitations/limiter/", pages.limit, name="clearance_limit"),
    path("console/habilitations/limiter-encore/", pages.limit_again, name="clearance_limit_again"),
    path("console/habilitations/personnes/<int:pk>/lever/", pages.free, name="clearance_free"),
    path("console/habilitations/<str:pid>/<str:deed>/", pages.act, name="clearance_act"),
]
