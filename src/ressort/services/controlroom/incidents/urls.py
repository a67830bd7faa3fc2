"""Addresses of incidents, playbooks and situations."""

from django.urls import path

from ressort.services.controlroom.incidents import (
    pages,
    pages_incident,
    pages_playbooks,
    pages_printed,
    pages_runs,
    pages_situations,
)

urlpatterns = [
    path("console/incidents/", pages.board, name="incidents"),
    path("console/incidents/liste/", pages.incidents, name="incident_list"),
    path("console/incidents/nouveau/", pages.new, name="incident_new"),
    path("console/incidents/<str:number>/", pages_incident.incident, name="incident"),
    path("console/incidents/<str:number>/panneau/", pages_incident.panel, name="incident_panel"),
    path("console/incidents/<str:number>/point.geojson", pages_incident.point, name="incident_point"),
    path("console/incidents/<str:number>/pieces/<int:pk>/", pages_incident.attachment, name="incident_file"),
    path("console/incidents/<str:number>/faire/<str:deed>/", pages_incident.act, name="incident_act"),
    path("console/incidents/<str:number>/compte-rendu.pdf", pages_printed.report, name="incident_pdf"),
    path("console/incidents/<str:number>/procedures/", pages_runs.start, name="run_start"),
    path("console/incidents/<str:number>/procedures/<int:run>/<str:deed>/", pages_runs.act, name="run_act"),
    path("console/procedures/", pages_playbooks.library, name="playbooks"),
    path("console/procedures/nouvelle/", pages_playbooks.new, name="playbook_new"),
    path("console/procedures/<int:pk>/", pages_playbooks.playbook, name="playbook"),
    path("console/procedures/<int:pk>/modifier/", pages_playbooks.edit, name="playbook_edit"),
    path("console/procedures/<int:pk>/papier.pdf", pages_printed.playbook, name="playbook_pdf"),
    path("console/procedures/<int:pk>/faire/<str:deed>/", pages_playbooks.act, name="playbook_act"),
    path("console/situations/", pages_situations.console, name="situations"),
    path("console/situations/<str:pid>/", pages_situations.situation, name="situation"),
    path("console/situations/<str:pid>/retour.pdf", pages_printed.situation, name="situation_pdf"),
    path("situations/", pages_situations.public, name="situations_public"),
    path("alertes/", pages_situations.feed, name="alerts"),
    path("alertes/cap/<str:identifier>.xml", pages_situations.alert, name="alert"),
]
