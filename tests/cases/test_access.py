"""The access table on a real database: SQL and rules agree, and the doors keep to both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from psycopg.types.range import DateRange

from huying.cases.doors import act
from huying.cases.models import Case, CaseParty, Refusal
from huying.cases.queries import ACCESS, Filter, access_facts, page, totals, visible_to
from huying.people.actors import actor_of
from huying.people.models import Liaison, Person, Post, Tenure, Unit, User
from huying.people.office import make_unit
from huying.rules.access import STAFF, Actor, CaseFacts, Role, may_see, person_party, post_party, unit_party
from huying.rules.commands import Acknowledge, Assign, GiveAnswer, Verify
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, RefusalCode
from huying.vault.seals import take_ids
from tests.builders import (
    HANDLER_PHONE,
    NOW,
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    post,
    received,
    represented_by,
    unit,
    user,
)

pytestmark = pytest.mark.django_db

TAKEN = Acknowledge("何砚", HANDLER_PHONE)
NOT_FOUND, FORBIDDEN = Refused(RefusalCode.NOT_FOUND), Refused(RefusalCode.FORBIDDEN)


def sees(viewer: Actor) -> set[int]:
    return set(visible_to(viewer).values_list("id", flat=True))


def party(case: Case, name: str, *, allow: bool) -> None:
    CaseParty.objects.create(case=case, party=name, allow=allow)


# -- SQL and rules agree -------------------------------------------------------------------------------------------

UNITS, POSTS, USERS, CASES = 8, 3, 12, 10
# Units, leaders and liaisons have the most ties to try out.
ROLES = (*STAFF, *(Role.UNIT,) * 6, *(Role.LEADER, Role.LIAISON) * 2)
few = st.integers


@dataclass(frozen=True)
class City:
    """A random city as indexes: each unit's parent, the posts' holders, who everybody is, and what became of cases.

    As many persons as posts; a unit, post, holder or person that is one too high is none.
    """

    parents: list[int]
    holders: list[int]
    users: list[tuple[Role, int, int, set[int]]]  # role, unit, person, posts as liaison
    cases: list[tuple[bool, int, int, dict[tuple[str, int], bool]]]  # confidential, holder, post called, parties


def cities() -> st.SearchStrategy[City]:
    unit, post = few(0, UNITS), few(0, POSTS)
    named = st.one_of(
        st.tuples(st.just("unit"), few(0, UNITS - 1)),
        st.tuples(st.sampled_from(["post", "person"]), few(0, POSTS - 1)),
        st.tuples(st.just("user"), few(0, USERS - 1)),
    )
    return st.builds(
        City,
        parents=st.tuples(*(few(max(0, i - 3), i - 1) for i in range(1, UNITS))).map(list),
        holders=st.lists(post, min_size=POSTS, max_size=POSTS),
        users=st.lists(
            st.tuples(st.sampled_from(ROLES), unit, post, st.sets(few(0, POSTS - 1))), min_size=USERS, max_size=USERS
        ),
        cases=st.lists(
            st.tuples(st.booleans(), unit, post, st.dictionaries(named, st.booleans(), max_size=4)),
            min_size=CASES,
            max_size=CASES,
        ),
    )


def at_or_none(ids: list[int], i: int) -> int | None:
    return ids[i] if i < len(ids) else None


class Built:
    """A city in the database, and what the rules should be told of its cases, taken from the drawing alone."""

    def __init__(self, city: City, model: Case) -> None:
        self.units = [Unit.objects.get(code="city")]
        for n, parent in enumerate(city.parents):
            self.units.append(make_unit(f"unit-{n}", f"unit-{n}", self.units[parent]))
        persons = Person.objects.bulk_create(Person(name=f"{n}") for n in range(POSTS))
        posts = Post.objects.bulk_create(Post(code=f"post-{n}", name=f"{n}") for n in range(POSTS))
        Tenure.objects.bulk_create(
            Tenure(post=post, person=persons[holder], days=DateRange(date(2026, 1, 1), None))
            for post, holder in zip(posts, city.holders, strict=True)
            if holder < POSTS
        )
        self.ids = {
            "unit": [unit.id for unit in self.units],
            "post": [post.id for post in posts],
            "person": [person.id for person in persons],
        }
        self.users = self._users(city)
        self.ids["user"] = [user.id for user in self.users]
        self.facts = self._cases(city, model)

    def _users(self, city: City) -> list[User]:
        users = User.objects.bulk_create(
            User(
                username=f"user-{n}",
                role=role,
                unit_id=at_or_none(self.ids["unit"], unit),
                person_id=at_or_none(self.ids["person"], person),
            )
            for n, (role, unit, person, _) in enumerate(city.users)
        )
        Liaison.objects.bulk_create(
            Liaison(user=user, post_id=self.ids["post"][post])
            for user, (*_, posts) in zip(users, city.users, strict=True)
            for post in posts
        )
        return users

    def _cases(self, city: City, model: Case) -> dict[int, CaseFacts]:
        facts, rows = {}, []
        for case_id, (confidential, holding, called, parties) in zip(take_ids(CASES), city.cases, strict=True):
            told = self._facts(city, confidential, holding, called, parties)
            facts[case_id] = told
            rows.append(copy_of(model, case_id, confidential=confidential, unit_id=told.unit, post_id=told.post))
        Case.objects.bulk_create(rows)
        CaseParty.objects.bulk_create(
            CaseParty(case_id=case_id, party=name, allow=allow)
            for case_id, told in facts.items()
            for names, allow in ((told.allowed, True), (told.denied, False))
            for name in names
        )
        return facts

    def _facts(
        self, city: City, confidential: bool, holding: int, called: int, parties: Mapping[tuple[str, int], bool]
    ) -> CaseFacts:
        names = {f"{kind}:{self.ids[kind][i]}": allow for (kind, i), allow in parties.items()}
        involved = [holding, *(i for (kind, i), allow in parties.items() if kind == "unit" and allow)]
        return CaseFacts(
            confidential=confidential,
            unit=at_or_none(self.ids["unit"], holding),
            post=at_or_none(self.ids["post"], called),
            branches=frozenset(self.ids["unit"][i] for one in involved for i in line(city, one)),
            allowed=frozenset(name for name, allow in names.items() if allow),
            denied=frozenset(name for name, allow in names.items() if not allow),
        )


def line(city: City, unit: int) -> list[int]:
    """Return a unit and those above it, walking from parent to parent."""
    found = []
    while unit < UNITS:
        found.append(unit)
        if unit == 0:
            break
        unit = city.parents[unit - 1]
    return found


def copy_of(model: Case, case_id: int, **values: object) -> Case:
    fields = {field.attname: getattr(model, field.attname) for field in Case._meta.concrete_fields}
    return Case(**{**fields, "id": case_id, "number": f"N{case_id}", **values})


def test_the_list_shows_exactly_the_cases_that_the_rules_let_somebody_see() -> None:
    model = case_of(received())

    # A smaller city would take minutes to find and tells no more than the viewer and the cases do.
    @settings(max_examples=40, deadline=None, phases=[Phase.reuse, Phase.generate])
    @given(cities())
    def agree(city: City) -> None:
        with transaction.atomic():
            built = Built(city, model)
            told = dict(Case.objects.filter(id__in=built.facts).values_list("id", ACCESS))
            assert {case_id: access_facts(said) for case_id, said in told.items()} == built.facts
            for one in User.objects.select_related("unit").filter(id__in=built.ids["user"]):
                viewer = actor_of(one, NOW)
                wanted = {case_id for case_id, facts in built.facts.items() if may_see(viewer, facts)}
                seen = sees(viewer)
                assert seen & built.facts.keys() == wanted, viewer
                assert totals(viewer, NOW).cases == len(seen)
            transaction.set_rollback(True)

    agree()


def test_the_system_sees_every_case() -> None:
    case = case_of(received())
    Case.objects.update(confidential=True)
    party(case, "system", allow=False)

    assert sees(Actor.system()) == {case.id}


# -- the tree of units ---------------------------------------------------------------------------------------------


def test_a_units_path_leads_to_it_from_the_root() -> None:
    bureau = unit("housing")
    east = unit("housing-east", "housing")
    root = Unit.objects.get(code="city")

    assert east.path == f"{root.id}/{bureau.id}/{east.id}/"
    assert (root.above, east.above) == ((), (root.id, bureau.id))


@pytest.mark.parametrize("code", ["city", "housing"])
@pytest.mark.parametrize("path", ["", "/", "{id}", "9{id}/", "{id}/9/", "{root}/9{id}/"])
def test_the_database_refuses_a_path_that_does_not_lead_to_its_unit(code: str, path: str) -> None:
    housing = unit()
    wrong = path.format(id=housing.id if code == "housing" else housing.parent_id, root=housing.parent_id)

    with pytest.raises(IntegrityError, match="unit_path_ends_with_itself"), transaction.atomic():
        Unit.objects.filter(code=code).update(path=wrong)


def test_a_unit_sees_what_one_below_it_takes_part_in() -> None:
    housing, east = unit("housing"), unit("housing-east", "housing")
    case = received()
    do(case, Assign(unit("water").id), at(3, 10, 15), clerk())
    party(case_of(case), unit_party(east.id), allow=True)

    assert sees(holder(housing)) == sees(holder(east)) == {case.case_id}


def test_a_unit_whose_number_only_begins_alike_is_not_below() -> None:
    one = unit("one")
    Unit.objects.create(
        id=one.id * 10, code="other", name="other", parent=one.parent, path=f"{one.parent_id}/{one.id}0/"
    )
    received()
    Case.objects.update(unit=one.id * 10)

    assert sees(holder(one)) == set()


# -- posts, day by day ---------------------------------------------------------------------------------------------


def test_a_leader_sees_the_calls_to_a_post_on_the_days_on_which_it_is_held() -> None:
    mayor = post("mayor")
    case = received(post=mayor.id)
    leader = held_by(mayor, date(2026, 3, 2), date(2026, 3, 10))

    assert sees(actor_of(leader, at(3, 1, 23, 59))) == set()
    assert sees(actor_of(leader, at(3, 2))) == {case.case_id}
    assert sees(actor_of(leader, at(3, 10, 23, 59))) == {case.case_id}
    assert sees(actor_of(leader, at(3, 11))) == set()


def test_a_liaison_sees_the_calls_to_the_named_posts_and_no_others() -> None:
    mayor, deputy = post("mayor"), post("deputy")
    mine = received(post=mayor.id)
    received(post=deputy.id)
    received()

    assert sees(actor_of(represented_by(mayor), NOW)) == {mine.case_id}


def test_a_liaison_is_blind_where_the_holder_of_a_post_is_the_respondent() -> None:
    mayor, deputy = post("mayor"), post("deputy")
    leader = held_by(mayor)
    case = case_of(received(post=deputy.id))
    both = represented_by(mayor, deputy)
    assert sees(actor_of(both, NOW)) == {case.id}

    party(case, person_party(leader.person_id or 0), allow=False)

    assert sees(actor_of(both, NOW)) == set()


@pytest.mark.parametrize(("role", "most"), [(Role.LEADER, 1), (Role.LIAISON, 1), (Role.UNIT, 0), (Role.OFFICE, 0)])
def test_who_somebody_is_takes_one_statement_at_most(role: Role, most: int) -> None:
    mayor = post("mayor")
    accounts = {Role.LEADER: held_by(mayor), Role.LIAISON: represented_by(mayor)}
    one = accounts.get(role) or user("other", role, unit())

    with CaptureQueriesContext(connection) as asked:
        actor_of(one, NOW)
    assert len(asked) == most


# -- the doors -----------------------------------------------------------------------------------------------------


def attempt(case: Case, command: Acknowledge | Assign | GiveAnswer | Verify, actor: Actor) -> object:
    return act(case.id, command, at(3, 11, 9), at(3, 11, 9), actor)


def test_what_somebody_may_not_see_is_not_found_and_the_refusal_names_no_case() -> None:
    housing, water = unit("housing"), unit("water")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())

    assert attempt(case_of(case), TAKEN, holder(water)) == NOT_FOUND
    assert Refusal.objects.get().case_id is None


def test_what_somebody_sees_and_may_not_do_is_forbidden() -> None:
    housing, east = unit("housing"), unit("housing-east", "housing")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, Assign(east.id), at(3, 10, 16), holder(housing))

    assert attempt(case_of(case), TAKEN, holder(housing)) == FORBIDDEN
    assert not isinstance(attempt(case_of(case), TAKEN, holder(east)), Refused)


def test_not_even_the_office_finds_a_case_of_which_it_is_a_respondent() -> None:
    case = case_of(received())
    party(case, "user:1001", allow=False)

    assert attempt(case, Assign(unit().id), clerk()) == NOT_FOUND


def test_a_respondent_that_holds_the_case_finds_nothing_and_neither_do_those_below() -> None:
    housing, east = unit("housing"), unit("housing-east", "housing")
    case = received()
    do(case, Assign(east.id), at(3, 10, 15), clerk())
    party(case_of(case), unit_party(housing.id), allow=False)

    assert attempt(case_of(case), TAKEN, holder(east)) == NOT_FOUND


@pytest.mark.parametrize("who", ["leader", "liaison"])
def test_a_leader_or_the_liaison_answers_what_came_to_the_post_and_finds_nothing_else(who: str) -> None:
    mayor = post("mayor")
    account = held_by(mayor) if who == "leader" else represented_by(mayor)
    mine, other = received(kind=Kind.CONSULTATION, post=mayor.id), received(kind=Kind.CONSULTATION)
    actor, answer = actor_of(account, NOW), GiveAnswer("八点到十七点")

    assert not isinstance(attempt(case_of(mine), answer, actor), Refused)
    assert attempt(case_of(other), answer, actor) == NOT_FOUND


def test_a_leader_who_gave_an_instruction_sees_the_case_and_may_not_answer_for_another_post() -> None:
    mayor = post("mayor")
    case = case_of(received(kind=Kind.CONSULTATION, post=post("deputy").id))
    party(case, post_party(mayor.id), allow=True)

    assert attempt(case, GiveAnswer("八点到十七点"), actor_of(held_by(mayor), NOW)) == FORBIDDEN


# -- confidential --------------------------------------------------------------------------------------------------


def test_who_registered_and_who_assigned_a_confidential_case_see_it_and_other_colleagues_do_not() -> None:
    housing, east = unit("housing"), unit("housing-east", "housing")
    case = received(confidential=True)
    registrar, colleague = clerk(), Actor("user:1005", Role.OFFICE)
    handler, beside = holder(housing), replace(holder(housing), id="user:1006")
    assert sees(registrar) == {case.case_id}
    assert attempt(case_of(case), Assign(housing.id), colleague) == NOT_FOUND

    do(case, Assign(housing.id), at(3, 10, 15), registrar)
    assert sees(handler) == sees(beside) == {case.case_id}
    do(case, Assign(east.id), at(3, 10, 16), handler)

    assert sees(handler) == sees(registrar) == sees(holder(east)) == {case.case_id}
    assert sees(beside) == sees(colleague) == set()
    assert sorted(CaseParty.objects.values_list("party", "allow")) == [("user:1001", True), ("user:1002", True)]


@pytest.mark.parametrize("role", STAFF)
def test_a_confidential_case_is_in_no_list_or_total_but_disciplines_and_the_holders(role: Role) -> None:
    housing = unit()
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    Case.objects.update(confidential=True)
    viewer = actor_of(user("reader", role, housing), NOW)

    wanted = int(role in (Role.DISCIPLINE, Role.UNIT))
    assert len(page(visible_to(viewer), Filter.ALL, NOW).rows) == wanted
    assert (totals(viewer, NOW).cases, totals(viewer, NOW).contacts) == (wanted, wanted)


# -- totals --------------------------------------------------------------------------------------------------------


def test_contacts_that_opened_no_case_are_counted_for_those_who_read_every_case_only() -> None:
    received(kind=Kind.VERIFICATION)
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())

    assert totals(clerk(), NOW).contacts == 2
    assert totals(holder(unit()), NOW).contacts == 1
    assert totals(actor_of(user("other", Role.UNIT, unit("water")), NOW), NOW).contacts == 0


def test_a_citizen_as_such_sees_no_case_at_all() -> None:
    received()
    received(confidential=True)
    assert not visible_to(Actor.citizen()).exists()
    assert not CaseParty.objects.filter(party="citizen").exists()
