"""The text of a preset becomes its source; what it says is derived from it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import models_app.models.preset
import models_app.parameters
from dashboard.errors import ModelfileUnwritable
from models_app.modelfile.grammar import kept
from models_app.modelfile.recipe import Recipe, commands_of
from models_app.modelfile.understand import understood
from models_app.modelfile.write import write


def text_of(model, system, parameters):
    """A Modelfile that says the same; only what none can hold is written otherwise."""
    recipe = Recipe(bases=(model,), system=system, parameters=parameters)
    try:
        return write(commands_of(recipe))
    except ModelfileUnwritable:
        return write(commands_of(writable(model, system, parameters)))


def writable(model, system, parameters):
    calm = {
        name: [kept(each) for each in value] if isinstance(value, list) else value
        for name, value in parameters.items()
    }
    mild = kept(system).replace('"""', "'''")
    return Recipe(bases=(kept(model),), system=mild, parameters=calm)


def write_texts(apps, schema_editor):
    Preset = apps.get_model("models_app", "Preset")
    PresetRevision = apps.get_model("models_app", "PresetRevision")
    for preset in Preset.objects.all():
        preset.text = text_of(preset.model, preset.system, preset.parameters)
        recipe = understood(preset.text).recipe
        preset.model, preset.system = recipe.base, recipe.system
        preset.parameters = dict(recipe.parameters)
        preset.places = {name: list(place) for name, place in recipe.places.items()}
        preset.revision = 1
        preset.save()
        PresetRevision.objects.create(
            preset=preset, number=1, name=preset.name, text=preset.text
        )


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('models_app', '0007_measured_loads'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PresetRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('text', models.TextField(verbose_name='Modelfile')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('restored', models.PositiveIntegerField(null=True, verbose_name='restored from')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saved')),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'revisions',
                'ordering': ('-number',),
            },
        ),
        migrations.AddField(
            model_name='preset',
            name='description',
            field=models.CharField(blank=True, help_text='What it is good for, in a sentence.', max_length=300, verbose_name='description'),
        ),
        migrations.AddField(
            model_name='preset',
            name='examples',
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name='example messages'),
        ),
        migrations.AddField(
            model_name='preset',
            name='icon',
            field=models.CharField(blank=True, help_text='One emoji, or one or two characters.', max_length=32, validators=[models_app.models.preset.check_icon], verbose_name='icon'),
        ),
        migrations.AddField(
            model_name='preset',
            name='is_default',
            field=models.BooleanField(default=False, editable=False, verbose_name='default'),
        ),
        migrations.AddField(
            model_name='preset',
            name='places',
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='preset',
            name='revision',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='revision'),
        ),
        migrations.AddField(
            model_name='preset',
            name='text',
            field=models.TextField(default='', max_length=200000, verbose_name='Modelfile'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='pull',
            name='modelfile',
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AlterField(
            model_name='preset',
            name='model',
            field=models.CharField(editable=False, max_length=300, verbose_name='model'),
        ),
        migrations.AlterField(
            model_name='preset',
            name='parameters',
            field=models.JSONField(blank=True, default=dict, editable=False, validators=[models_app.parameters.check_parameters], verbose_name='parameters'),
        ),
        migrations.AlterField(
            model_name='preset',
            name='system',
            field=models.TextField(blank=True, editable=False, verbose_name='system prompt'),
        ),
        migrations.AddField(
            model_name='pull',
            name='preset',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='creations', to='models_app.preset'),
        ),
        migrations.AddConstraint(
            model_name='preset',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='one_default_preset'),
        ),
        migrations.AddField(
            model_name='presetrevision',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='presetrevision',
            name='preset',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='models_app.preset', verbose_name='preset'),
        ),
        migrations.AddConstraint(
            model_name='presetrevision',
            constraint=models.UniqueConstraint(fields=('preset', 'number'), name='one_revision_per_preset_and_number'),
        ),
        migrations.RunPython(write_texts, migrations.RunPython.noop),
    ]
