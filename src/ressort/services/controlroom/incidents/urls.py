"""Addresses of incidents, playbooks and situations."""

from django.urls import path

from ressort.services.controlroom.incidents import pages, pages_incident

urlpatterns = [
    path("console/incidents/", pages.board, name="incidents"),
    path("console/incidents/liste/", pages.incidents, name="incident_list"),
    path("console/incidents/nouveau/", pages.new, name="incident_new"),
    path("console/incidents/<str:number>/", pages_incident.incident, name="incident"),
    path("console/incidents/<str:number>/panneau/", pages_incident.panel, name="incident_panel"),
    path("console/incidents/<str:number>/point.geojson", pages_incident.point, name="incident_point"),
    path("console/incidents/<str:number>/pieces/<int:pk>/", pages_incident.attachment, name="incident_file"),
    path("console/incidents/<str:number>/faire/<str:deed>/", pages_incident.act, name="incident_act"),
]
