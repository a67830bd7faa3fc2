"""Addresses of the face. French words, because people read them."""

from django.urls import path

from ressort.web import console, maps, pages, signin, stylepage
from ressort.web.administration import urls as administration
from ressort.web.beginning import urls as beginning

app_name = "web"

urlpatterns = [
    path("", pages.home, name="home"),
    path("chercher/", pages.search, name="search"),
    path("suivi/", pages.follow, name="follow"),
    path("langue/", pages.language, name="language"),
    path("apparence/", pages.theme, name="theme"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("licences/", pages.licences, name="licences"),
    path("algorithmes/", pages.algorithms, name="algorithms"),
    path("algorithmes/recus/<str:number>/", pages.receipt, name="receipt"),
    path("algorithmes/recus/<str:number>/refaire/", pages.replay, name="replay"),
    path("connexion/", signin.signin, name="signin"),
    path("connexion/lien/", signin.send_link, name="send_link"),
    path("connexion/lien/<str:secret>/", signin.link, name="link"),
    path("inscription/", signin.join, name="join"),
    path("deconnexion/", signin.signout, name="signout"),
    path("mon-espace/", signin.account, name="account"),
    path("mon-espace/effacer/", signin.erase, name="erase"),
    path("console/", console.console, name="console"),
    path("console/journal/", console.journal, name="journal"),
    path("console/horloge/", console.drive_clock, name="clock"),
    path("console/style/", stylepage.style, name="style"),
    path("map/style-<str:theme>.json", maps.map_style, name="map_style"),
    path("tiles/<uuid:version>/<int:z>/<int:x>/<int:y>.pbf", maps.tile, name="tiles"),
    *administration.urlpatterns,
    *beginning.urlpatterns,
]
