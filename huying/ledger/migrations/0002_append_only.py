"""Nobody changes, deletes or truncates the ledger."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("vault", "0002_id_sequence_and_append_only")]
    operations = [migrations.RunSQL("SELECT make_append_only('ledger_line')", migrations.RunSQL.noop)]
