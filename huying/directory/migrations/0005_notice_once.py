from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0004_public_notices'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='publicnotice',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('text',), name='public_notice_once_at_a_time'),
        ),
    ]
