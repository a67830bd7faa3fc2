"""Addresses of the equipment."""

from django.urls import path

from ressort.services.controlroom.equipment import pages, pages_import, pages_past

urlpatterns = [
    path("console/poste/", pages.board, name="board"),
    path("console/poste/panneau/", pages.summary, name="summary"),
    path("tiles/equipements/<str:kinds>/<int:z>/<int:x>/<int:y>.pbf", pages.tile, name="equipment_tile"),
    path("console/poste/equipements/", pages.listed, name="equipment"),
    path("console/poste/equipements/importer/", pages_import.exchange, name="equipment_import"),
    path("console/poste/equipements/inventaire/", pages_import.inventory, name="equipment_inventory"),
    path("console/poste/equipements/fichiers/<str:name>.csv", pages_import.file, name="equipment_file"),
    path("console/poste/equipements/<str:pid>/", pages.asset, name="asset"),
    path("console/poste/equipements/<str:pid>/alors/", pages_past.then, name="asset_then"),
    path("console/poste/equipements/<str:pid>/temoin/", pages.witness, name="witness"),
    path("console/poste/equipements/<str:pid>/entretien/", pages.upkeep, name="upkeep"),
    path("console/poste/equipements/<str:pid>/commandes/<str:verb>/", pages.command, name="command"),
    path("console/poste/commandes/", pages.commands, name="commands"),
    path("console/poste/commandes/<str:pid>/<str:deed>/", pages.act, name="command_act"),
    path("console/poste/urgence/", pages.emergency, name="emergency"),
]
