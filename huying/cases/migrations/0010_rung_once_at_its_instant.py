from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_repeat'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='supervisionaction',
            name='supervision_rung_once',
        ),
        migrations.AddConstraint(
            model_name='supervisionaction',
            constraint=models.UniqueConstraint(fields=('case', 'cycle', 'step', 'number', 'at'), name='supervision_rung_once'),
        ),
    ]
