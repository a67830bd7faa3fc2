"""Addresses of work orders and crews."""

from django.urls import path

from ressort.services.controlroom.orders import pages, pages_crew, pages_crews, pages_printed

urlpatterns = [
    path("console/interventions/", pages.works, name="works"),
    path("console/interventions/nouvelle/", pages.new, name="work_new"),
    path("console/interventions/feuilles.pdf", pages_printed.sheets, name="work_sheets"),
    path("console/interventions/equipes/", pages_crews.listing, name="crews"),
    path("console/interventions/equipes/nouvelle/", pages_crews.crew, name="crew_new"),
    path("console/interventions/equipes/<str:pid>/", pages_crews.crew, name="crew"),
    path("console/interventions/<str:number>/", pages.work, name="work"),
    path("console/interventions/<str:number>/panneau/", pages.panel, name="work_panel"),
    path("console/interventions/<str:number>/faire/<str:deed>/", pages.act, name="work_act"),
    path("equipe/", pages_crew.today, name="crew_today"),
    path("equipe/carte.geojson", pages_crew.map_of_mine, name="crew_map"),
    path("equipe/<str:number>/", pages_crew.work, name="crew_work"),
    path("equipe/<str:number>/du-neuf/", pages_crew.changed, name="crew_changed"),
    path("equipe/<str:number>/point.geojson", pages.point, name="work_point"),
    path("equipe/<str:number>/feuille.pdf", pages_printed.sheet, name="work_sheet"),
    path("equipe/<str:number>/papier/", pages_printed.typed, name="work_typed"),
    path("equipe/<str:number>/photos/<int:pk>.jpg", pages_crew.photo, name="work_photo"),
    path("equipe/<str:number>/faire/<str:deed>/", pages_crew.act, name="crew_act"),
]
