"""An installation that already lives when this version arrives is set up; a demonstration is known by its accounts."""

from django.db import migrations
from django.utils import timezone


def adopt(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects
    if people.exists():
        now = timezone.now()
        apps.get_model("installation", "Installation").objects.get_or_create(
            id=1, defaults={"demo": people.filter(is_demo=True).exists(), "begun": now, "finished": now}
        )


class Migration(migrations.Migration):
    dependencies = [("installation", "0001_the_single_row"), ("accounts", "0001_initial")]

    operations = [migrations.RunPython(adopt, migrations.RunPython.noop)]
