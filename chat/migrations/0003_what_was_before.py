"""Give what was there before its place: who asked for a reply, and what has been read."""

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery


def fill(apps, schema_editor):
    Message = apps.get_model("chat", "Message")
    Participant = apps.get_model("chat", "Participant")
    asked = Message.objects.filter(pk=OuterRef("parent_id")).values("author")[:1]
    replies = Message.objects.exclude(status="said").filter(parent__isnull=False)
    replies.update(asked_by=Subquery(asked))
    here = Message.objects.filter(conversation=OuterRef("conversation")).values("conversation")
    newest = here.annotate(newest=Max("pk")).values("newest")
    known = Participant.objects.filter(conversation__messages__isnull=False)
    Participant.objects.filter(pk__in=known.values("pk")).update(read_to=Subquery(newest))


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_together")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
