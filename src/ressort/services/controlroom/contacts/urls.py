"""Addresses of the contact screen."""

from django.urls import path

from ressort.services.controlroom.contacts import pages

urlpatterns = [
    path("console/contact/", pages.desk, name="contact_new"),
    path("console/contact/connu/", pages.known, name="contact_known"),
    path("console/contact/liste/", pages.contacts, name="contacts"),
    path("console/contact/<str:code>/", pages.contact, name="contact"),
    path("console/contact/<str:code>/recu.pdf", pages.receipt, name="contact_receipt"),
]
