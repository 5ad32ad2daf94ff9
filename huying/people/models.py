"""Who is who: the office, its units and posts, the persons who hold them, the users who sign in, and tokens.

Names of officials are published by the city itself and therefore stand here in plain text; what citizens
entrust to the office never does (see `vault`).
"""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q, Value
from django.db.models.functions import Cast, Concat, Upper
from django.utils.translation import gettext_lazy as _

from huying.rules.access import STAFF, Role

_ID, _SLASH = Cast(F("id"), models.TextField()), Value("/", models.TextField())


class Office(models.Model):
    """The office of this installation, 公开电话办公室: one row, since one installation is one office."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField()
    city = models.TextField()
    number_prefix = models.CharField(max_length=8)
    is_demo = models.BooleanField(default=False)  # an invented city, from which nothing is ever sent

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="office_is_one"),
            models.CheckConstraint(condition=Q(number_prefix__regex="^[A-Z]{1,8}$"), name="office_prefix_letters"),
        )

    @property
    def is_set_up(self) -> bool:
        """Whether somebody named it; loading history makes an office without a city, for setup to name."""
        return self.city != ""


class Unit(models.Model):
    """承办单位: what handles cases. The tree's root, code `city`, is the office's own level."""

    code = models.TextField(unique=True)
    name = models.TextField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    abolished_on = models.DateField(null=True)
    path = models.TextField()  # the ids from the root down to its own, `1/4/9/`; `office.make_unit` alone writes it

    class Meta:
        # A prefix is found by an index only if it compares byte by byte, whatever the collation.
        indexes = (models.Index(fields=["path"], opclasses=["text_pattern_ops"], name="unit_by_path"),)
        constraints = (
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, path=Concat(_ID, _SLASH))
                | Q(parent__isnull=False, path__endswith=Concat(_SLASH, _ID, _SLASH)),
                name="unit_path_ends_with_itself",
            ),
            models.CheckConstraint(
                condition=Q(code="city", parent__isnull=True) | (~Q(code="city") & Q(parent__isnull=False)),
                name="unit_root_is_city",
            ),
            # Deferred, since a file may swap the names of two units; an exclusion, since no unique index with a
            # condition can be deferred. An abolished unit leaves its name free.
            ExclusionConstraint(
                name="unit_name_once_under_parent",
                expressions=[("parent", RangeOperators.EQUAL), ("name", RangeOperators.EQUAL)],
                condition=Q(abolished_on__isnull=True),
                deferrable=Deferrable.DEFERRED,
            ),
        )

    @property
    def above(self) -> tuple[int, ...]:
        """The ids of the units above this one, from the root down."""
        return line_of(self.path)[:-1]


def line_of(path: str) -> tuple[int, ...]:
    """Return the ids in a unit's path: those above it from the root down, and its own."""
    return tuple(int(unit) for unit in path.split("/") if unit)


class Post(models.Model):
    """职务: what a citizen calls; it stays when its holder changes."""

    code = models.TextField(unique=True)
    name = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True)

    @property
    def full_name(self) -> str:
        """The name with that of its unit before it: many units have a head."""
        return f"{self.unit.name} {self.name}" if self.unit else self.name


class Person(models.Model):
    """Somebody who holds, held or will hold a post."""

    name = models.TextField()


class Tenure(models.Model):
    """任期: one person in one post, from a day up to and including another; never two holders at once."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="tenures")
    person = models.ForeignKey(Person, models.PROTECT, related_name="tenures")
    days = DateRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="tenure_one_holder_at_a_time",
                expressions=[("post", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=~Q(days__isempty=True), name="tenure_not_empty"),
        )


class Portfolio(models.Model):
    """分管: the units that a post answers for, from a day up to and including another."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="portfolio")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="portfolios")
    days = DateRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="portfolio_unit_once_at_a_time",
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=~Q(days__isempty=True), name="portfolio_not_empty"),
        )


class Users(BaseUserManager["User"]):
    """Officials are provisioned; nobody signs up."""

    def create_user(
        self, username: str, password: str | None, *, role: Role, full_name: str, unit: Unit | None = None
    ) -> "User":
        """Make a user; without a password nobody can sign in until one is set by a one-time link."""
        user = self.model(username=username, role=role, full_name=full_name, unit=unit)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signs in, in one role; what one may do follows from it (no groups, no superuser)."""

    username = models.CharField(_("用户名"), max_length=60, unique=True)
    full_name = models.TextField()
    role = models.CharField(max_length=12, choices=[(role.value, role.value) for role in STAFF])
    unit = models.ForeignKey(Unit, models.PROTECT, null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True)  # a leader's posts are that person's
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    objects = Users()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(role__in=[role.value for role in STAFF]), name="user_role_known"),
            # Signing in doesn't look at the case of letters, so two that differ by it alone would be one.
            models.UniqueConstraint(Upper("username"), name="user_name_once_in_any_case"),
        )


class ApiToken(models.Model):
    """令牌: lets a program act in a role, for a unit or a post. The secret is shown once; its keyed hash stays."""

    name = models.TextField()
    role = models.CharField(max_length=12, choices=[(role.value, role.value) for role in STAFF])
    unit = models.ForeignKey(Unit, models.PROTECT, null=True)
    post = models.ForeignKey(Post, models.PROTECT, null=True)
    digest = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(role__in=[role.value for role in STAFF]), name="token_role_known"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(post__isnull=True), name="token_of_unit_or_post"
            ),
            models.CheckConstraint(condition=~Q(role="unit") | Q(unit__isnull=False), name="token_unit_named"),
            models.CheckConstraint(
                condition=~Q(role__in=["leader", "liaison"]) | Q(post__isnull=False), name="token_post_named"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
                name="token_ends_after_it_began",
            ),
            models.UniqueConstraint(fields=["name"], condition=Q(revoked_at__isnull=True), name="token_name_once"),
        )


class Liaison(models.Model):
    """联络员: a user acts for a named post, and is marked as doing so."""

    user = models.ForeignKey(User, models.CASCADE, related_name="liaisons")
    post = models.ForeignKey(Post, models.PROTECT, related_name="liaisons")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "post"], name="liaison_once"),)


class Delegate(models.Model):
    """代理: while the holder of a post is away, another leader stands in, from a day up to and including another."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="delegates")
    user = models.ForeignKey(User, models.CASCADE, related_name="stands_in")
    days = DateRangeField()
    named_by = models.TextField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="delegate_one_at_a_time",
                expressions=[("post", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
                name="delegate_from_day_to_day",
            ),
        )
