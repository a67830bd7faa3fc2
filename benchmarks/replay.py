"""Opening any minute of a day of observations: 35,000 series, one observation a minute each (50 million).

    .venv/bin/python benchmarks/replay.py [--series 35000] [--hours 24]

A scratch SQLite store is filled with packed hours as the intake packs them, then random minutes are opened with
``reading.as_of``, which is what the replay of the control room reads. Nothing is kept between two openings but what
SQLite and the system keep.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from statistics import median

import numpy as np

HOUR = 3_600_000


def fill(series: int, hours: int, start: int) -> int:
    """Write the day; return how many observations it holds."""
    from django.db import connection, transaction

    from ressort.core.intake.models import Device, Series
    from ressort.engines import series as codec

    device = Device.objects.create(code="bench", created=datetime.now(UTC))
    Series.objects.bulk_create(
        (Series(device=device, observed=f"p{n}") for n in range(series)), batch_size=500
    )
    chance = np.random.default_rng(1)
    minutes = np.arange(60, dtype=np.int64) * 60_000
    shapes = [np.cumsum(chance.integers(-3, 4, 60)).astype(float) for _ in range(997)]
    zero = np.zeros(60, np.uint8)
    pks = list(Series.objects.order_by("pk").values_list("pk", flat=True))
    insert = (
        "INSERT INTO intake_block (series_id, hour, first, count, mean, low, high, body) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    )
    for hour in range(start // HOUR, start // HOUR + hours):
        packed = [
            codec.pack(hour * HOUR + minutes + k % 7 * 1000, shape, zero) for k, shape in enumerate(shapes)
        ]
        rows = (
            (pk, hour, hour * HOUR + k % 997 % 7 * 1000, 60, 0.0, -9.0, 9.0, packed[(k + hour) % 997])
            for k, pk in enumerate(pks)
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, rows)
    return series * hours * 60


def main() -> None:
    """Print how long a minute takes to open: median and worst, wall and CPU."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--series", type=int, default=35_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--openings", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ressort-bench-") as folder:
        os.environ["RESSORT_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ressort.config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        from ressort.core.intake import reading

        call_command("migrate", verbosity=0)
        start = datetime(2026, 11, 23, tzinfo=UTC)
        count = fill(asked.series, asked.hours, int(start.timestamp() * 1000))
        size = sum(file.stat().st_size for file in os.scandir(folder) if file.is_file()) / 1e6
        print(f"{count / 1e6:.1f} million observations, {size:.0f} MB", file=sys.stderr)
        chance = random.Random(1)
        walls, cpus = [], []
        for _ in range(asked.openings):
            at = start + timedelta(seconds=chance.uniform(120, asked.hours * 3600))
            wall, cpu = time.perf_counter(), time.process_time()
            found = reading.as_of(at)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
            assert len(found) == asked.series
        print(
            f"opening a minute of {asked.series} series: median {median(walls):.2f} s, worst {max(walls):.2f} s; "
            f"CPU {median(cpus):.2f} s"
        )


if __name__ == "__main__":
    main()
