"""Addresses of the control room."""

from django.urls import URLPattern

from ressort.services.controlroom.alarms import urls as alarms
from ressort.services.controlroom.bundles import urls as bundles
from ressort.services.controlroom.clearances import urls as clearances
from ressort.services.controlroom.contacts import urls as contacts
from ressort.services.controlroom.corridors import urls as corridors
from ressort.services.controlroom.driving import urls as driving
from ressort.services.controlroom.duty import urls as duty
from ressort.services.controlroom.equipment import urls as equipment
from ressort.services.controlroom.incidents import urls as incidents
from ressort.services.controlroom.orders import urls as orders
from ressort.services.controlroom.plan import urls as plan
from ressort.services.controlroom.reports import urls as reports
from ressort.services.controlroom.shadow import urls as shadow

app_name = "controlroom"

urlpatterns: list[URLPattern] = [
    *equipment.urlpatterns,
    *corridors.urlpatterns,
    *driving.urlpatterns,
    *shadow.urlpatterns,
    *clearances.urlpatterns,
    *alarms.urlpatterns,
    *incidents.urlpatterns,
    *duty.urlpatterns,
    *orders.urlpatterns,
    *plan.urlpatterns,
    *bundles.urlpatterns,
    *reports.urlpatterns,
    *contacts.urlpatterns,
]
