"""Addresses of on-demand transport."""

from django.urls import path

from ressort.services.transport import (
    pages,
    pages_board,
    pages_desk,
    pages_driver,
    pages_offering,
    pages_printed,
    pages_start,
)

app_name = "transport"

urlpatterns = [
    path("transport/", pages.home, name="home"),
    path("transport/arrets/", pages.stops, name="stops"),
    path("transport/demandes/<str:pid>/", pages.demand, name="demand"),
    path("transport/demandes/<str:pid>/<int:rank>/", pages.accept, name="accept"),
    path("transport/formulaire.pdf", pages_printed.form, name="paper_form"),
    path("transport/trajets/", pages.trips, name="trips"),
    path("transport/trajets/<str:code>/", pages.trip, name="trip"),
    path("transport/trajets/<str:code>/carte.geojson", pages.trip_map, name="trip_map"),
    path("transport/trajets/<str:code>/recu.pdf", pages_printed.receipt, name="paper_receipt"),
    path("transport/trajets/<str:code>/annuler/", pages.cancel, name="cancel"),
    path("transport/trajets/<str:code>/effacer/", pages.forget, name="forget"),
    path("transport/trajets/<str:code>/garder/", pages.agree, name="agree"),
    path("transport/conducteur/", pages_driver.mine, name="driver"),
    path("transport/conducteur/hors-reseau.js", pages_driver.worker, name="driver_worker"),
    path("transport/conducteur/app.webmanifest", pages_driver.app, name="driver_manifest"),
    path("transport/conducteur/<int:tour>/", pages_driver.sheet, name="sheet"),
    path("transport/conducteur/<int:tour>/trace.geojson", pages_driver.way, name="way"),
    path("transport/conducteur/<int:tour>/<str:deed>/", pages_driver.act, name="act"),
    path("console/transport/", pages_board.board, name="board"),
    path("console/transport/panneau/", pages_board.summary, name="summary"),
    path("console/transport/vehicules/<int:tour>/", pages_board.vehicle, name="vehicle"),
    path("console/transport/tournees/", pages_board.tours, name="tours"),
    path("console/transport/demandes/", pages_board.demands, name="demands"),
    path("console/transport/demandes/<str:pid>/", pages_board.demand, name="demand_panel"),
    path("console/transport/indicateurs/", pages_board.indicators, name="indicators"),
    path("console/transport/indicateurs/a-bord.json", pages_board.aboard_now, name="aboard"),
    path("console/transport/offre/", pages_board.offering, name="offering"),
    path("console/transport/offre/nouvelle/", pages_offering.new, name="offering_new"),
    path("console/transport/offre/<int:pk>/", pages_offering.edit, name="offering_edit"),
    path("console/transport/offre/<int:pk>/<str:deed>/", pages_offering.act, name="offering_act"),
    path("demarrer/transport/", pages_start.start, name="start"),
    path("demarrer/transport/arrets/", pages_start.take_stops, name="start_stops"),
    path("console/transport/reserver/", pages_desk.desk, name="book_for"),
    path("console/transport/reserver/personnes/", pages_desk.people, name="riders"),
    path("console/transport/reserver/<str:code>/", pages_desk.booked_for, name="booked_for"),
    path("console/transport/reserver/<str:code>/recu/", pages_desk.receipt_again, name="receipt_again"),
]
