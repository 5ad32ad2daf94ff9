"""What whoever calls should know, and for whom somebody speaks: optional, sealed, and at the unit's call button."""

import json
import re
from datetime import timedelta

import pytest

from huying.cases.doors import act
from huying.cases.models import Case, Contact
from huying.rules.access import Role
from huying.rules.commands import Assign
from huying.vault.models import Reveal
from huying.vault.seals import keys_of, unseal
from tests.builders import NOW, clerk, unit, user
from tests.pages.public.city import found, receipt_of, send
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
TOLD = {
    "call_when": "晚上 7 点以后",
    "hard_of_hearing": "on",
    "behalf_name": "郑守田",
    "behalf_phone": "139 0000 0002",
    "behalf_relation": "女儿",
}


def test_all_of_it_may_be_left_out() -> None:
    found()
    assert "可以不填" in words(send(browser(), "besides"))
    assert "联系的时候要注意的 没有写" in words(send(browser(), "check"))
    assert receipt_of(send(browser(), "send", agree="on"))


def test_what_was_told_stands_on_the_check_page_and_is_kept_sealed() -> None:
    found()
    text = words(send(browser(), "check", **TOLD))
    assert "什么时候方便接电话 晚上 7 点以后" in text
    assert "只会说方言" not in text
    send(browser(), "send", agree="on", **TOLD)
    contact = Contact.objects.get()
    fields = json.loads(unseal(contact, keys_of([contact.key_id])[contact.key_id], "fields") or "{}")
    assert fields == {**TOLD, "hard_of_hearing": "yes", "privacy_notice": "2"}


def test_the_handling_unit_reads_it_at_the_call_button_and_the_other_person_masked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found()
    send(browser(), "send", agree="on", **TOLD)
    case = Case.objects.get()
    act(case.id, Assign(unit().id), NOW, NOW, clerk())
    set_clock(monkeypatch, NOW + timedelta(minutes=5))
    housing, path = browser(user("housing", Role.UNIT, unit())), f"/desk/cases/{case.number}/"
    html = page(housing, path)
    care = "方便接电话：晚上 7 点以后；听力不便：请说慢一些、大声一些，或者发短信"
    assert re.search(care + r".*打给诉求人", words(html))
    assert "郑守田" not in html
    assert "0000 0002" not in html
    assert "诉求人是女儿" in words(html)
    assert not Reveal.objects.exists()

    clear = words(housing.post(f"{path}call/").content.decode())

    assert "郑守田，139 0000 0002，诉求人是女儿" in clear
    assert Reveal.objects.filter(chain_id=case.id, field__startswith="contact:").count() == 1


def test_without_anybody_else_no_further_look_is_logged() -> None:
    found()
    send(browser(), "send", agree="on")
    case = Case.objects.get()
    browser(user()).post(f"/desk/cases/{case.number}/call/")
    assert not Reveal.objects.filter(chain_id=case.id).exists()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"behalf_phone": "邻居的电话"}, "电话只写数字"),
        ({"behalf_relation": "女儿"}, "请写那个人的姓名，怎么称呼也行"),
        ({"call_when": "晚" * 300}, "写了 300 个字，最多 200 个"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_kept(told: dict[str, str], says: str) -> None:
    found()
    html = send(browser(), "check", **told)
    assert says in words(html)
    assert next(iter(told.values())) in html
    assert not Case.objects.exists()
