"""Addresses of duty."""

from django.urls import path

from ressort.services.controlroom.duty import (
    pages,
    pages_answer,
    pages_calls,
    pages_floor,
    pages_handover,
    pages_import,
    pages_line,
)

urlpatterns = [
    path("console/astreintes/", pages.board, name="duty"),
    path("console/astreintes/nouvelle/", pages.new, name="duty_new"),
    path("console/astreintes/personnes/", pages.people, name="duty_people"),
    path("console/astreintes/personnes/<int:pk>/<str:deed>/", pages.person_act, name="duty_person_act"),
    path("console/astreintes/importer/", pages_import.exchange, name="duty_import"),
    path("console/astreintes/tours-<str:name>.csv", pages_import.file, name="duty_file"),
    path("console/astreintes/appeler/", pages_calls.call, name="duty_call"),
    path("console/astreintes/appels/", pages_calls.past, name="cascades"),
    path("console/astreintes/appels/<str:pid>/", pages_calls.cascade, name="cascade"),
    path("console/astreintes/appels/<str:pid>/<str:deed>/", pages_calls.act, name="cascade_act"),
    path("console/astreintes/lignes/<str:pid>/", pages_line.line, name="duty_line"),
    path("console/astreintes/lignes/<str:pid>/<str:deed>/", pages_line.act, name="duty_line_act"),
    path("astreinte/<str:code>/", pages_answer.answer, name="duty_answer"),
    path("console/salle/", pages_floor.floor, name="floor"),
    path("console/salle/<str:deed>/", pages_floor.act, name="floor_act"),
    path("console/releve/", pages_handover.handover, name="handover"),
    path("console/releve/maintenant.pdf", pages_handover.printed_now, name="handover_now_pdf"),
    path("console/releve/<int:pk>/", pages_handover.past, name="handover_past"),
    path("console/releve/<int:pk>/releve.pdf", pages_handover.printed, name="handover_pdf"),
    path("console/releve/faire/<str:deed>/", pages_handover.act, name="handover_act"),
]
