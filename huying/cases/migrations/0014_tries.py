from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_unfinished"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tries",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("count", models.IntegerField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "tries",
            },
        ),
        migrations.RunSQL("ALTER TABLE tries SET UNLOGGED", migrations.RunSQL.noop),
    ]
