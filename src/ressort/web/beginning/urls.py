"""Addresses of the first run."""

from django.urls import path

from ressort.web.beginning import pages

urlpatterns = [
    path("demarrer/", pages.setup, name="setup"),
    path("demarrer/administrateur/", pages.administrator, name="setup_administrator"),
    path("demarrer/territoire/", pages.territory, name="setup_territory"),
    path("demarrer/apparence/", pages.identity, name="setup_identity"),
    path("demarrer/reseau/", pages.network, name="setup_network"),
    path("demarrer/terminer/", pages.finish, name="setup_finish"),
]
