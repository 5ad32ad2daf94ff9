"""The sequence of all ids, and the means to make a table append-only: `SELECT make_append_only('table')`."""

from django.db import migrations

SEQUENCE = "CREATE SEQUENCE huying_id"
REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""
# Triggers, so that not even the owner changes a row by mistake; and no grant for the application's role.
MAKE_APPEND_ONLY = """
CREATE FUNCTION make_append_only(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I
                    FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hy_app') THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM hy_app', name);
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]
    operations = [
        migrations.RunSQL(SEQUENCE, "DROP SEQUENCE huying_id"),
        migrations.RunSQL(REFUSE, "DROP FUNCTION refuse_change() CASCADE"),
        migrations.RunSQL(MAKE_APPEND_ONLY, "DROP FUNCTION make_append_only(text)"),
        migrations.RunSQL("SELECT make_append_only('vault_reveal')", migrations.RunSQL.noop),
    ]
