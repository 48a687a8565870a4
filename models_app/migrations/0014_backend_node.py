from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("models_app", "0013_alerts"),
    ]

    operations = [
        migrations.AddField(
            model_name="backend",
            name="node",
            field=models.ForeignKey(
                blank=True,
                help_text="Where it runs. Empty: the host that its address names.",
                limit_choices_to={"retired_at": None},
                null=True,
                on_delete=models.deletion.SET_NULL,
                related_name="backends",
                to="models_app.node",
                verbose_name="GPU host",
            ),
        ),
    ]
