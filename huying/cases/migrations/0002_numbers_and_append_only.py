"""Case numbers from one sequence per year; refusals append-only; no NOTIFY at every deferred job."""

from django.db import migrations

# The application's role may create nothing, so the function runs as its owner. Two callers may meet at the first
# number of a year: the loser then finds the winner's sequence.
NEXT_NUMBER = """
CREATE FUNCTION next_case_number(year int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text := format('case_number_%s', year);
BEGIN
    IF year NOT BETWEEN 1900 AND 2999 THEN
        RAISE EXCEPTION 'no case numbers for the year %', year;
    END IF;
    IF to_regclass(name) IS NULL THEN
        BEGIN
            EXECUTE format('CREATE SEQUENCE %I', name);
        EXCEPTION WHEN duplicate_table OR unique_violation THEN
            NULL;
        END;
    END IF;
    RETURN nextval(name::regclass);
END $$
"""
# The trigger takes a lock at commit that costs up to two thirds of the commit rate; workers poll instead.
QUIET_JOBS = "ALTER TABLE procrastinate_jobs {} TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("vault", "0002_id_sequence_and_append_only"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        migrations.RunSQL(NEXT_NUMBER, "DROP FUNCTION next_case_number(int)"),
        migrations.RunSQL("SELECT make_append_only('refusal')", migrations.RunSQL.noop),
        migrations.RunSQL(QUIET_JOBS.format("DISABLE"), QUIET_JOBS.format("ENABLE")),
    ]
