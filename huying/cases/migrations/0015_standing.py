from django.db import migrations, models

_VERDICTS = ["satisfied", "basically_satisfied", "understanding", "unsatisfied"]
# What the store keeps from now on, worked out once for the cases that are there.
_FILL = """
UPDATE "case" AS c SET contact_due_at = k.due_at, contacted_at = k.done_at
FROM clock AS k WHERE k.case_id = c.id AND k.step = 'contact' AND k.cycle = 1 AND k.void_at IS NULL;
UPDATE "case" AS c SET answer_due_at = k.due_at, answered_at = k.done_at
FROM clock AS k WHERE k.case_id = c.id AND k.step = 'resolve' AND k.cycle = c.cycle AND k.void_at IS NULL;
UPDATE "case" AS c SET judged = (
    SELECT v.verdict FROM verdict AS v
    WHERE v.case_id = c.id AND v.verdict IN ('satisfied', 'basically_satisfied', 'understanding', 'unsatisfied')
    ORDER BY v.at DESC, v.id DESC LIMIT 1
) WHERE c.verdict IS NOT NULL OR c.cycle > 1;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_tries"),
    ]

    operations = [
        *(
            migrations.AddField("case", name, models.DateTimeField(null=True))
            for name in ("contact_due_at", "contacted_at", "answer_due_at", "answered_at")
        ),
        migrations.AddField("case", "judged", models.CharField(max_length=20, null=True)),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=(models.Q(contacted_at=None) | models.Q(contact_due_at__isnull=False))
                & (models.Q(answered_at=None) | models.Q(answer_due_at__isnull=False)),
                name="case_done_within_a_term",
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=models.Q(judged=None) | models.Q(judged__in=_VERDICTS), name="case_judged_validly"
            ),
        ),
    ]
