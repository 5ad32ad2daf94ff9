"""The register: contacts, cases and everything that is recorded about them.

Ids come from one sequence for all tables (`vault.seals.take_ids`); a case's id is also the id of its ledger chain
and of its data key. Rows under a `Record` are written once and never changed: a ledger line vouches for each.
Times are UTC; `at` is when something happened, `recorded_at` when Huying learned of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT

from huying.directory.models import ContactPoint
from huying.people.models import Person, Post, Unit
from huying.rules.state import SEVERAL
from huying.rules.vocabulary import VALID_VERDICTS, ClosedAs, Complexity, Flag, Kind, Stage, Urgency, VerdictCode
from huying.vault.fields import SealedField

from .constraints import one_of
from .models_rulebook import CalendarVersion as CalendarVersion
from .models_rulebook import RulebookInForce as RulebookInForce
from .models_rulebook import RulebookVersion as RulebookVersion


class Origin(StrEnum):
    """How something reached the register: as it happened, or as history loaded from a file."""

    LIVE = "live"
    IMPORT = "import"


# A case may end in these without having been closed as anything.
ENDS_UNJUDGED = [
    stage.value for stage in (Stage.DECLINED, Stage.REFERRED, Stage.MERGED, Stage.WITHDRAWN, Stage.ARCHIVED)
]


class Requester(models.Model):
    """Who raises a matter. There is no priority attribute, ever; equal phones suggest, they never join."""

    id = models.BigIntegerField(primary_key=True)
    phone = SealedField(null=True)
    name = SealedField(null=True)
    phone_index = models.BinaryField(null=True, db_index=True)
    name_index = models.BinaryField(null=True)
    account_index = models.BinaryField(null=True, unique=True)  # of a platform account, where one is all we know

    class Meta:
        db_table = "requester"


class Case(models.Model):
    """One matter. Narrow on purpose: what lists and counts need; its words are in `CaseText`."""

    id = models.BigIntegerField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    month = models.DateField()
    rulebook = models.ForeignKey(RulebookVersion, models.PROTECT, db_index=False)
    # The days by which its terms are counted; NULL: as shipped, nothing had been loaded.
    calendar = models.ForeignKey(CalendarVersion, models.PROTECT, null=True, db_index=False)
    origin = models.CharField(max_length=6)
    channel = models.CharField(max_length=24)
    kind = models.CharField(max_length=16)
    complexity = models.CharField(max_length=8)
    urgency = models.CharField(max_length=8)
    confidential = models.BooleanField(default=False)
    category_code = models.CharField(max_length=24, null=True)
    taxonomy_version = models.SmallIntegerField(null=True)
    post = models.ForeignKey(Post, models.PROTECT, null=True)
    requester = models.ForeignKey(Requester, models.PROTECT)
    # The ended matter of the same person to which this one brings new facts, as whoever took it has confirmed.
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False)
    stage = models.CharField(max_length=16)
    cycle = models.SmallIntegerField(default=1)
    level = models.SmallIntegerField(default=0)
    contacts = models.IntegerField(default=1)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    due_step = models.CharField(max_length=20, null=True)
    closed_at = models.DateTimeField(null=True)
    closed_as = models.CharField(max_length=20, null=True)
    verdict = models.CharField(max_length=20, null=True)
    flags = ArrayField(models.CharField(max_length=20), default=list)
    respondent = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+")
    # How it stands for figures: the first talk and the present cycle's answer, and the latest valid verdict.
    contact_due_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    judged = models.CharField(max_length=20, null=True)
    memory = models.JSONField(default=dict)  # what else the rules remember; nothing that lists or counts need
    watch_at = models.DateTimeField(null=True)  # when the clock does something to the case next
    code_index = models.BinaryField()
    ledger_seq = models.IntegerField()
    ledger_head = models.BinaryField()

    class Meta:
        db_table = "case"
        indexes = (
            models.Index("due_at", "id", name="case_open_by_due", condition=Q(closed_at__isnull=True)),
            models.Index("watch_at", name="case_watched", condition=Q(watch_at__isnull=False)),
            models.Index("unit", "due_at", name="case_open_by_unit", condition=Q(closed_at__isnull=True)),
            models.Index("unit", F("id").desc(), name="case_recent_by_unit"),
            models.Index(F("received_at").desc(), F("id").desc(), name="case_recent"),
            models.Index("code_index", name="case_by_code"),
            models.Index("id", name="case_nuisance", condition=Q(flags__contains=[Flag.NUISANCE_REVIEW.value])),
        )
        constraints = (
            one_of("origin", Origin),
            one_of("kind", Kind),
            one_of("complexity", Complexity),
            one_of("urgency", Urgency),
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Stage if stage is not Stage.WAITING]),
                name="case_stage_known",
            ),
            models.CheckConstraint(
                condition=Q(closed_as__isnull=True) | Q(closed_as__in=[value.value for value in ClosedAs]),
                name="case_closed_as_known",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_as__isnull=True)
                | Q(closed_at__isnull=False, closed_as__isnull=False)
                | Q(closed_at__isnull=False, stage__in=ENDS_UNJUDGED),
                name="case_ends_as_something",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("received_at")),
                name="case_ends_after_receipt",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True, due_step__isnull=True)
                | Q(due_at__isnull=False, due_step__isnull=False),
                name="case_due_has_step",
            ),
            models.CheckConstraint(
                condition=(Q(contacted_at=None) | Q(contact_due_at__isnull=False))
                & (Q(answered_at=None) | Q(answer_due_at__isnull=False)),
                name="case_done_within_a_term",
            ),
            models.CheckConstraint(
                condition=Q(judged=None) | Q(judged__in=[verdict.value for verdict in VALID_VERDICTS]),
                name="case_judged_validly",
            ),
            models.CheckConstraint(condition=Q(cycle__gte=1, level__gte=0, contacts__gte=1), name="case_counts"),
        )


class CaseText(models.Model):
    """The working text of a case: the verbatim with personal data masked, until a clerk writes a summary.

    The query code lies here too, sealed; its blind index stands in the case.
    """

    pk = models.CompositePrimaryKey("case_id", "month")
    case_id = models.BigIntegerField()
    month = models.DateField()
    title = models.TextField()
    text = models.TextField()
    code = SealedField()

    class Meta:
        db_table = "case_text"


class CaseParty(models.Model):
    """Who sees, or must never see, one case beyond what its columns say: `unit:12`, `post:3`, `user:7`."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    party = models.CharField(max_length=32)
    allow = models.BooleanField()

    class Meta:
        db_table = "case_party"
        constraints = (models.UniqueConstraint(fields=["case", "party"], name="case_party_once"),)
        indexes = (models.Index("party", "allow", name="case_party_by_party"),)


class Clock(models.Model):
    """One term of a case. `due_at` is exclusive: on time means done before it. `why` is its derivation as data.

    A contact that waits to be sorted has terms too, and no case yet; the case made of it has the contact's id.
    """

    id = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks", db_constraint=False)
    cycle = models.SmallIntegerField()
    step = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False)
    start_event = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    term = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    provisional = models.BooleanField()
    why = models.JSONField()
    calendar_version = models.CharField(max_length=24)
    rungs_fired = models.SmallIntegerField(default=0)
    extensions = ArrayField(models.CharField(max_length=24), default=list)  # the approved ones
    pauses = models.JSONField(default=list)  # each [since, until], the last one perhaps open
    done_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "clock"
        indexes = (models.Index("due_at", name="clock_due", condition=Q(done_at__isnull=True, void_at__isnull=True)),)
        constraints = (
            models.UniqueConstraint(
                fields=["case", "cycle", "step"],
                condition=Q(void_at__isnull=True, done_at__isnull=True)
                & ~Q(step__in=[step.value for step in sorted(SEVERAL)]),
                name="clock_one_running_per_step",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("started_at")), name="clock_due_after_start"),
        )


class Record(models.Model):
    """A fact written once; `at` is when it happened. A ledger line vouches for every column of it."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()

    # Columns that a later door may fill or change, and that a ledger line therefore can't vouch for.
    changes_later: ClassVar[frozenset[str]] = frozenset()
    # Columns of a later release, with what they hold in rows from before: lines of those don't speak of them.
    added_later: ClassVar[Mapping[str, object]] = {}

    class Meta:
        abstract = True


# An unsorted contact, or a missed call, of which nobody has said yet what it is.
WAITS = Q(case__isnull=True, sorted_as__isnull=True, kind__in=[Kind.UNSORTED.value, Kind.MISSED.value])


class Contact(Record):
    """来电: one call, message, mail, visit or form. It joins a case, opens one, or stands alone."""

    changes_later = frozenset({"case", "sorted_as"})
    added_later: ClassVar[Mapping[str, object]] = {
        "missing": [],
        "confidential": False,
        "respondent_id": None,
        "respondent_person_id": None,
    }

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="received_contacts")
    requester = models.ForeignKey(Requester, models.PROTECT, null=True, db_index=False)
    key_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    origin = models.CharField(max_length=6)
    channel = models.CharField(max_length=24)
    external_id = models.TextField(null=True)
    kind = models.CharField(max_length=16)
    post = models.ForeignKey(Post, models.PROTECT, null=True)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, db_index=False)
    title = SealedField(null=True)
    text = SealedField()
    fields = SealedField(null=True)
    confidential = models.BooleanField(default=False)
    respondent = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+")
    respondent_person = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="+")
    missing = ArrayField(models.CharField(max_length=40), default=list)  # required fields that it didn't tell
    sorted_as = models.CharField(
        max_length=16, null=True
    )  # what an unsorted contact or a missed call turned out to be
    fingerprint = models.BinaryField()

    class Meta:
        db_table = "contact"
        indexes = (
            models.Index(F("at").desc(), name="contact_recent"),
            models.Index("at", name="contact_waiting", condition=WAITS),
        )
        constraints = (
            one_of("origin", Origin),
            one_of("kind", Kind),
            models.UniqueConstraint(fields=["channel", "external_id"], name="contact_external_id_once"),
            models.CheckConstraint(condition=Q(recorded_at__gte=F("at")), name="contact_not_in_future"),
        )


class CaseRecord(Record):
    """A record that belongs to one cycle of one case; its sealed fields open with the case's key."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="%(class)ss")
    cycle = models.SmallIntegerField()
    actor = models.TextField()

    class Meta:
        abstract = True


class Act(Record):
    """Any other command that was done, as it was said: plain `facts` (words of lists, ids, moments), sealed `words`.

    `chain` is the case, or the contact that no case was made of. `was` and `was_words` keep what the command replaced
    of that for which the first line of the case vouches.
    """

    chain = models.BigIntegerField()
    cycle = models.SmallIntegerField()
    actor = models.TextField()
    verb = models.CharField(max_length=24)
    facts = models.JSONField()
    words = SealedField(null=True)
    was = models.JSONField(default=dict)
    was_words = SealedField(null=True)

    class Meta:
        db_table = "act"
        indexes = (
            models.Index("chain", "id", name="act_by_chain"),
            models.Index(KT("facts__digest"), name="act_by_digest", condition=Q(verb="attach")),
        )


class Assignment(CaseRecord):
    """交办: a unit was given the case, at a level; the latest one of a case is its holder."""

    added_later: ClassVar[Mapping[str, object]] = {"designate": False}

    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False)
    level = models.SmallIntegerField()
    exceed_approved_by = SealedField(null=True)
    reason = SealedField(null=True)
    designate = models.BooleanField(default=False)

    class Meta:
        db_table = "assignment"
        constraints = (models.CheckConstraint(condition=Q(level__gte=1), name="assignment_level"),)


class Acknowledgement(CaseRecord):
    """签收: the holding unit took the case and named a handler."""

    handler = SealedField(null=True)
    handler_phone = SealedField(null=True)

    class Meta:
        db_table = "acknowledgement"


class ContactRecord(CaseRecord):
    """沟通: the unit spoke with the requester and told the handler's phone."""

    method = models.CharField(max_length=24)
    handler = SealedField(null=True)
    handler_phone = SealedField(null=True)
    text = SealedField(null=True)

    class Meta:
        db_table = "contact_record"


class Report(CaseRecord):
    """反馈: what the unit did. `public_text` is what the citizen reads; without one, `text`."""

    added_later: ClassVar[Mapping[str, object]] = {"claim": None}

    outcome = models.CharField(max_length=28, null=True)
    claim = models.CharField(max_length=16, null=True)
    text = SealedField()
    public_text = SealedField(null=True)
    basis = SealedField(null=True)

    class Meta:
        db_table = "report"


class Review(CaseRecord):
    """审核: the office accepted a report or sent it back with a reason."""

    accepted = models.BooleanField()
    reason = SealedField(null=True)

    class Meta:
        db_table = "review"
        constraints = (
            models.CheckConstraint(
                condition=Q(accepted=True) | Q(reason__isnull=False), name="review_rejects_with_reason"
            ),
        )


class Callback(CaseRecord):
    """回访: one attempt to reach the requester after the report that ended without a verdict."""

    result = models.CharField(max_length=16)

    class Meta:
        db_table = "callback"


class Verdict(CaseRecord):
    """评价: what the requester says of the result; the first word on whether "closed" is true."""

    verdict = models.CharField(max_length=20)
    reason = SealedField(null=True)

    class Meta:
        db_table = "verdict"
        constraints = (one_of("verdict", VerdictCode),)


class Answer(CaseRecord):
    """直接答复: a consultation answered on the spot."""

    text = SealedField()

    class Meta:
        db_table = "answer"


class SupervisionAction(CaseRecord):
    """催办、督办 …: a rung of the ladder that fired: an action, a flag that proposes one, or just a telling.

    `step` and `number` name the rung of a clock; both are NULL where a verdict set it off.
    """

    action = models.CharField(max_length=28, null=True)
    flag = models.CharField(max_length=20, null=True)
    step = models.CharField(max_length=20, null=True)
    number = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "supervision_action"
        constraints = (
            # A step that begins again in a cycle (another assignment, another interview) climbs its ladder anew.
            models.UniqueConstraint(fields=["case", "cycle", "step", "number", "at"], name="supervision_rung_once"),
            models.CheckConstraint(
                condition=Q(step__isnull=True, number__isnull=True) | Q(step__isnull=False, number__isnull=False),
                name="supervision_names_its_rung",
            ),
        )


class Recount(CaseRecord):
    """重算: the running terms were derived anew by a calendar that was loaded; `moved` names those that moved.

    Each with its step, and from when to when (ISO).
    """

    calendar = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="+", db_index=False)
    before = models.ForeignKey(CalendarVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    moved = models.JSONField()

    class Meta:
        db_table = "recount"


from .models_approval import Approval as Approval  # noqa: E402  # Django finds it here
from .models_calendar import CalendarProposal as CalendarProposal  # noqa: E402  # Django finds it here
from .models_outbox import WAITING_DELIVERIES as WAITING_DELIVERIES  # noqa: E402
from .models_outbox import Delivery as Delivery  # noqa: E402
from .models_outbox import IdempotencyKey as IdempotencyKey  # noqa: E402
from .models_outbox import Message as Message  # noqa: E402
from .models_outbox import Refusal as Refusal  # noqa: E402
from .models_tries import Tries as Tries  # noqa: E402
from .models_unfinished import Unfinished as Unfinished  # noqa: E402
