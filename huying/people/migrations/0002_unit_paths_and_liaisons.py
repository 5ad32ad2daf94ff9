"""Units know the path to themselves, leaders their person; liaisons act for named posts."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

FILL_PATHS = """
WITH RECURSIVE tree AS (
    SELECT id, id::text || '/' AS path FROM people_unit WHERE parent_id IS NULL
    UNION ALL
    SELECT unit.id, tree.path || unit.id::text || '/' FROM people_unit unit JOIN tree ON unit.parent_id = tree.id
)
UPDATE people_unit SET path = tree.path FROM tree WHERE tree.id = people_unit.id
"""
ID = django.db.models.functions.comparison.Cast(models.F('id'), models.TextField())
SLASH = models.Value('/', models.TextField())


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='unit',
            name='path',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL_PATHS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(fields=['path'], name='unit_by_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('parent__isnull', True), ('path', django.db.models.functions.text.Concat(ID, SLASH))), models.Q(('parent__isnull', False), ('path__endswith', django.db.models.functions.text.Concat(SLASH, ID, SLASH))), _connector='OR'), name='unit_path_ends_with_itself'),
        ),
        migrations.AddField(
            model_name='user',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='people.person'),
        ),
        migrations.CreateModel(
            name='Liaison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='liaisons', to='people.post')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='liaisons', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'post'), name='liaison_once')],
            },
        ),
    ]
