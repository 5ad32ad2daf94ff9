from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0007_calendar_proposal'),
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
