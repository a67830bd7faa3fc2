"""Letting go of work orders whose time is over, and of who did what when an account is erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from ressort.core.notify import erasure
from ressort.services.controlroom.orders.models import WorkOrder, WorkPhoto, WorkStep
from ressort.services.controlroom.reports import photos


def forget_rows(rows: Iterable[Any]) -> int:
    """Erase rows of one table that hang on orders."""
    every = list(rows)
    for row in every:
        row.delete()
    return len(every)


def forget(orders: Iterable[WorkOrder]) -> int:
    """Erase what was written of orders; dates, trade, priority and minutes stay, for counting."""
    every = list(orders)
    for order in every:
        forget_rows(WorkPhoto.objects.filter(order=order))
        forget_rows(WorkStep.objects.filter(order=order))
        erasure.forget_subject(order.pid)
        WorkOrder.objects.filter(pk=order.pk).update(
            title="",
            instructions="",
            materials="",
            address="",
            lon=None,
            lat=None,
            created_by=None,
            reason="",
            did="",
        )
    return len(every)


def erase(pid: str) -> None:
    """Erase a person: their steps and pictures stay, signed by nobody; their places in crews go with the account."""
    del pid  # every field that leads to the account is a key that the account's end empties


@receiver(post_delete, sender=WorkPhoto, dispatch_uid="controlroom.work.photos")
def _photo_gone(instance: WorkPhoto, **_: Any) -> None:
    """Erase the file with its row, once the row is surely gone."""
    name = instance.name
    transaction.on_commit(lambda: photos.drop(name))
