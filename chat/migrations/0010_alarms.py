from django.db import migrations, models


class Migration(migrations.Migration):
    """What a reply was asked with, how much was sent, and what is said about that."""

    dependencies = [("chat", "0009_way")]

    operations = [
        migrations.AddField("message", "alarm", models.JSONField(default=dict)),
        migrations.AddField(
            "message", "least_sent", models.PositiveIntegerField(null=True)
        ),
        migrations.AddField(
            "message", "window", models.PositiveIntegerField(null=True)
        ),
    ]
