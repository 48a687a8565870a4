"""The text of a preset becomes its source; what it says is derived from it."""

import re
import struct
from math import isinf

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import models_app.models.preset
import models_app.parameters

# What follows is the grammar of a Modelfile as it was when this was written: another one
# that comes later must not change what an old row became.
NUMBER, WHOLE, SWITCH, TEXTS = "number", "whole", "switch", "texts"
PARAMETERS = {
    "temperature": NUMBER,
    "top_p": NUMBER,
    "top_k": WHOLE,
    "min_p": NUMBER,
    "typical_p": NUMBER,
    "repeat_penalty": NUMBER,
    "repeat_last_n": WHOLE,
    "presence_penalty": NUMBER,
    "frequency_penalty": NUMBER,
    "stop": TEXTS,
    "seed": WHOLE,
    "num_predict": WHOLE,
    "num_ctx": WHOLE,
    "num_keep": WHOLE,
    "num_batch": WHOLE,
    "num_gpu": WHOLE,
    "main_gpu": WHOLE,
    "num_thread": WHOLE,
    "use_mmap": SWITCH,
    "draft_num_predict": WHOLE,
}
SWITCHES = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
BLANKS, NEWLINES = " \t", "\r\n"
QUOTE, QUOTES = '"', '"""'
YOUNG = ((0x1F000, 0x1FAFF), (0x31350, 0x323AF))
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,400}")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,400})?")


class Unwritable(Exception):
    """No Modelfile can hold the text."""


def text_of(model, system, parameters):
    """A Modelfile that says the same; only what none can hold is written otherwise."""
    return "".join(line for _, _, line in lines_of(model, system, parameters))


def lines_of(model, system, parameters):
    """What each instruction is called, its value and its text."""
    try:
        return written(model, system, parameters)
    except Unwritable:
        calm = {
            name: [kept(each) for each in value] if isinstance(value, list) else value
            for name, value in parameters.items()
        }
        return written(kept(model), kept(system).replace(QUOTES, "'''"), calm)


def written(model, system, parameters):
    said = [
        ("model", "FROM", model, ("", QUOTE, QUOTES)),
        ("system", "SYSTEM", system, (QUOTES, QUOTE, "")),
    ]
    for name in PARAMETERS:
        marks = (QUOTE, QUOTES, "") if name == "stop" else ("", QUOTE, QUOTES)
        for value in values_of(name, parameters):
            said.append((name, f"PARAMETER {name}", value, marks))
    return [
        (name, value, quoted(head, value, marks))
        for name, head, value, marks in said
        if value
    ]


def values_of(name, parameters):
    if name not in parameters:
        return []
    value = parameters[name]
    if PARAMETERS[name] == TEXTS:
        return [value] if isinstance(value, str) else [*value]
    return [str(value).lower() if PARAMETERS[name] == SWITCH else str(value)]


def quoted(head, value, marks):
    """The line with the first marks between which a reader finds the same value."""
    for mark in marks:
        if read(f"{mark}{value}{mark}\n") == value:
            return f"{head} {mark}{value}{mark}\n"
    raise Unwritable


def read(text):
    """The value that begins here: to the end of the line, or of the one that closes it."""
    first, *more = re.split(r"([\r\n])", kept(text))
    value = first.lstrip(BLANKS)
    mark = next((each for each in (QUOTES, QUOTE) if value.startswith(each)), "")
    closed = len(value.rstrip(BLANKS)) >= 2 * len(mark) and ends(value, mark)
    pieces = [value]
    while not closed:
        if not more:
            return None
        newline, line, *more = more
        pieces += newline, line
        closed = ends(line, mark)
    whole = "".join(pieces).rstrip(BLANKS + NEWLINES)
    return whole[len(mark) : -len(mark)] if mark else whole


def ends(line, mark):
    return line.rstrip(BLANKS).endswith(mark)


def kept(text):
    """Without the characters that a reader drops."""
    return "".join(each for each in text if each in NEWLINES or is_kept(each))


def is_kept(character):
    young = any(first <= ord(character) <= last for first, last in YOUNG)
    return character == "\t" or character.isprintable() or young


def derived(lines):
    """What the text says: of each instruction that a server takes its value and place."""
    said, stops, places, number = {}, [], {}, 1
    for name, value, line in lines:
        typed = typed_value(name, value)
        if typed is not None:
            places.setdefault(name, [number, 1])
            stops += [value] if name == "stop" else []
            said[name] = typed
        number += len(re.findall(r"\r\n|\r|\n", line))
    parameters = {name: said[name] for name in said if PARAMETERS.get(name)}
    if stops:
        parameters.pop("stop")
        parameters["stop"] = stops
    return {
        "model": said.get("model", ""),
        "system": said.get("system", ""),
        "parameters": parameters,
        "places": places,
    }


def typed_value(name, text):
    """None for what no server reads as a value of that parameter."""
    kind = PARAMETERS.get(name, TEXTS)
    if kind == SWITCH:
        return SWITCHES.get(text)
    if kind == WHOLE:
        good = WHOLE_NUMBER.fullmatch(text) and -(2**63) <= int(text) < 2**63
        return int(text) if good else None
    if kind == NUMBER:
        return number_in(text) if DECIMAL.fullmatch(text) else None
    return text


def number_in(text):
    """The shortest number that is the same in 32 bits."""
    exact = float(text)
    bits = float32(exact)
    if bits is None:
        return None
    short = [float(f"{exact:.{digits}g}") for digits in range(1, 10)]
    return next((each for each in short if float32(each) == bits), short[-1])


def float32(value):
    try:
        return None if isinf(value) else struct.pack("<f", value)
    except OverflowError:
        return None


def write_texts(apps, schema_editor):
    Preset = apps.get_model("models_app", "Preset")
    PresetRevision = apps.get_model("models_app", "PresetRevision")
    for preset in Preset.objects.all():
        lines = lines_of(preset.model, preset.system, preset.parameters)
        preset.text = "".join(line for _, _, line in lines)
        for column, value in derived(lines).items():
            setattr(preset, column, value)
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
