"""The office of this installation, and the tree of its units."""

from datetime import date

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from .models import Office, Unit

ROOT = "city"


def the_office() -> Office:
    """Return the office, making an unnamed one (and the root unit) where none was set up yet."""
    return Office.objects.first() or found_office("公开电话办公室", "", "HY")


@transaction.atomic
def name_office(name: str, city: str, number_prefix: str) -> bool:
    """Name the office of this installation and its root unit; return False, and change nothing, if it has a city."""
    Office.objects.get_or_create(id=1, defaults={"name": name, "city": "", "number_prefix": number_prefix})
    # One conditional statement, so that of two setups at once only one finds an office without a city.
    if not Office.objects.filter(city="").update(name=name, city=city, number_prefix=number_prefix):
        return False
    if not Unit.objects.filter(code=ROOT).update(name=name):
        make_unit(ROOT, name, None)
    return True


@transaction.atomic
def found_office(name: str, city: str, number_prefix: str, *, is_demo: bool = False) -> Office:
    """Make the office and the unit of its own level. Raises IntegrityError if there is one."""
    office = Office.objects.create(name=name, city=city, number_prefix=number_prefix, is_demo=is_demo)
    if not Unit.objects.filter(code=ROOT).exists():
        make_unit(ROOT, name, None)
    return office


def make_unit(code: str, name: str, parent: Unit | None) -> Unit:
    """Make a unit below `parent`; the one place that does, since a unit's path has to fit its parent's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('people_unit', 'id'))")
        [unit_id] = cursor.fetchone()
    path = f"{parent.path if parent else ''}{unit_id}/"
    return Unit.objects.create(id=unit_id, code=code, name=name, parent=parent, path=path)


def move_unit(unit: Unit, parent: Unit) -> None:
    """Hang a unit, and all that is below it, under another parent. Raises ValueError if that is below it itself."""
    if parent.path.startswith(unit.path):
        raise ValueError(f"{parent.code!r} is {unit.code!r} or stands below it")
    was, becomes = unit.path, f"{parent.path}{unit.id}/"
    Unit.objects.filter(id=unit.id).update(parent=parent)
    Unit.objects.filter(path__startswith=was).update(path=Concat(Value(becomes), Substr("path", len(was) + 1)))


def abolish(unit: Unit, day: date) -> None:
    """End a unit on a day. Raises ValueError while a unit below it goes on."""
    if Unit.objects.filter(path__startswith=unit.path, abolished_on=None).exclude(id=unit.id).exists():
        raise ValueError(f"units below {unit.code!r} go on; hand them over first")
    Unit.objects.filter(id=unit.id).update(abolished_on=day)
