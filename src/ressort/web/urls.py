"""Addresses of the face. French words, because people read them."""

from django.urls import path

from ressort.web import (
    console,
    maps,
    messages,
    pages,
    pages_appeals,
    pages_data,
    pages_receipts,
    pages_tour,
    signin,
    stylepage,
)
from ressort.web.administration import urls as administration
from ressort.web.beginning import urls as beginning

app_name = "web"

urlpatterns = [
    path("", pages.home, name="home"),
    path("chercher/", pages.search, name="search"),
    path("suivi/", pages.follow, name="follow"),
    path("s/<str:code>", pages.short, name="short"),
    path("langue/", pages.language, name="language"),
    path("densite/", pages.density, name="density"),
    path("apparence/", pages.theme, name="theme"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("licences/", pages.licences, name="licences"),
    path("algorithmes/", pages_receipts.algorithms, name="algorithms"),
    path("algorithmes/registre.csv", pages_receipts.algorithms_csv, name="algorithms_csv"),
    path("algorithmes/recus/<str:number>/", pages_receipts.receipt, name="receipt"),
    path("algorithmes/recus/<str:number>/refaire/", pages_receipts.replay, name="replay"),
    path("algorithmes/recus/<str:number>/contester/", pages_receipts.contest, name="contest"),
    path("recours/<str:code>/", pages_receipts.appeal, name="appeal"),
    path("recours/<str:code>/effacer/", pages_receipts.erase_appeal, name="appeal_erase"),
    path("donnees/", pages_data.processing, name="processing"),
    path("donnees/registre.csv", pages_data.processing_csv, name="processing_csv"),
    path("connexion/", signin.signin, name="signin"),
    path("connexion/lien/", signin.send_link, name="send_link"),
    path("connexion/lien/<str:secret>/", signin.link, name="link"),
    path("inscription/", signin.join, name="join"),
    path("deconnexion/", signin.signout, name="signout"),
    path("mon-espace/", signin.account, name="account"),
    path("visite/", pages_tour.tour, name="tour"),
    path("mon-espace/effacer/", signin.erase, name="erase"),
    path("mon-espace/donnees/", pages_data.mine, name="my_data"),
    path("mon-espace/donnees/export.zip", pages_data.export, name="my_export"),
    path("mon-espace/messages/", messages.preferences, name="messages"),
    path("mon-espace/messages/essai/", messages.trial, name="messages_trial"),
    path("mon-espace/messages/adresse/", messages.revive, name="messages_revive"),
    path("mon-espace/messages/appareils/", messages.add_device, name="messages_add_device"),
    path(
        "mon-espace/messages/appareils/<int:device>/", messages.remove_device, name="messages_remove_device"
    ),
    path("console/messages/", messages.outbox, name="outbox"),
    path("console/messages/lettres/", messages.letters, name="letters"),
    path("console/messages/lettres/imprimees/", messages.printed, name="letters_printed"),
    path("console/messages/<str:pid>/", messages.message, name="message"),
    path("console/messages/<str:pid>/renvoyer/", messages.resend, name="message_resend"),
    path("console/", console.console, name="console"),
    path("console/recours/", pages_appeals.listed, name="appeals"),
    path("console/recours/<str:pid>/", pages_appeals.one, name="appeal_desk"),
    path("console/recours/<str:pid>/repondre/", pages_appeals.answer, name="appeal_answer"),
    path("console/recours/<str:pid>/<str:deed>/", pages_appeals.act, name="appeal_act"),
    path("console/conservation/", pages_data.runs, name="retention"),
    path("console/a-faire/", console.todo, name="tasks"),
    path("console/journal/", console.journal, name="journal"),
    path("console/horloge/", console.drive_clock, name="clock"),
    path("console/style/", stylepage.style, name="style"),
    path("map/style-<str:theme>.json", maps.map_style, name="map_style"),
    path("tiles/<uuid:version>/<int:z>/<int:x>/<int:y>.pbf", maps.tile, name="tiles"),
    *administration.urlpatterns,
    *beginning.urlpatterns,
]
