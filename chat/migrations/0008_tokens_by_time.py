from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0007_icons'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at', 'target', 'prompt_tokens', 'completion_tokens'], name='tokens_of_closed_replies'),
        ),
    ]
