from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("models_app", "0015_energy_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="claimed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
