"""For how many replies at once servers load models; loads are judged by it."""

import django.core.validators
from django.db import migrations, models
from django.db.models import F


def forget_the_unjudged(apps, schema_editor):
    """What took much more than predicted may have had several slots; nobody asked then.

    It is measured anew when it is loaded the next time.
    """
    rows = apps.get_model("models_app", "FitMeasurement").objects
    rows.filter(measured__gt=F("predicted") * 1.08).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0008_presets'),
    ]

    operations = [
        migrations.AddField(
            model_name='backend',
            name='slots',
            field=models.PositiveSmallIntegerField(blank=True, help_text='For how many replies at once it keeps room with each model: what OLLAMA_NUM_PARALLEL says. Empty: not known; one is reckoned with.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1024)], verbose_name='loads models for'),
        ),
        migrations.AddField(
            model_name='fitmeasurement',
            name='seeming',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='fitmeasurement',
            name='stated',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='fitmeasurement',
            name='slots',
            field=models.PositiveIntegerField(default=1, verbose_name='at once'),
        ),
        migrations.RunPython(forget_the_unjudged, migrations.RunPython.noop),
    ]
