"""The office of this installation and the root of its units."""

from django.db import transaction

from .models import Office, Unit

ROOT = "city"


def the_office() -> Office:
    """Return the office, making an unnamed one (and the root unit) where none was set up yet."""
    return Office.objects.first() or found_office("公开电话办公室", "", "HY")


@transaction.atomic
def found_office(name: str, city: str, number_prefix: str) -> Office:
    """Make the office and the unit of its own level. Raises IntegrityError if there is one."""
    office = Office.objects.create(name=name, city=city, number_prefix=number_prefix)
    Unit.objects.get_or_create(code=ROOT, defaults={"name": name})
    return office
