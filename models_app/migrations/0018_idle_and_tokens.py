from django.db import migrations, models


def forget_idle(apps, schema_editor):
    """What is kept took five minutes for idle or busy as a whole, so that most of what was
    used while idle is lacking: of that time it is not known."""
    apps.get_model("models_app", "CardEnergy").objects.update(idle=0, active=0)


class Migration(migrations.Migration):

    dependencies = [
        ("models_app", "0017_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="fiveminutes",
            name="measured",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="fiveminutes",
            name="idle",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="fiveminutes",
            name="active",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                fields=["ended_at", "model", "prompt_tokens", "completion_tokens"],
                name="generations_tokens",
            ),
        ),
        migrations.RunPython(forget_idle, migrations.RunPython.noop),
    ]
