from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clock", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="clockstate",
            name="horizon",
            field=models.DateTimeField(
                help_text="service time that is not passed before what is due until then was played",
                null=True,
            ),
        ),
    ]
