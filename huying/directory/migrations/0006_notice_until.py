from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0005_notice_once'),
    ]

    operations = [
        migrations.AddField(
            model_name='publicnotice',
            name='until',
            field=models.DateField(null=True),
        ),
    ]
