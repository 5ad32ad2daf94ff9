"""A report without account: question by question, checked, sent once, with a receipt that has real dates."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from huying.cases.limits import Limit
from huying.cases.models import Case, Contact, Refusal
from huying.cases.verification import broken_entries
from huying.ledger.models import LedgerLine
from huying.pages.public.qr import Qr, qr_path
from huying.people.models import Post
from huying.vault.seals import keys_of, unseal
from tests.builders import NOW, PHONE, at, user
from tests.pages.public.city import ANSWERS, TOKEN, found, hidden, official, receipt_of, send
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
REPORT = "/report/"


def sent(client: Client | None = None, **changed: Any) -> str:
    return send(client or browser(), "send", **{"agree": "on", **changed})


# -- the way through ------------------------------------------------------------------------------------------------


def test_the_way_leads_from_question_to_question_to_the_check_page_and_the_receipt() -> None:
    found()
    official("mayor", "沈砚青", name="市长")
    client = browser()
    first = page(client, REPORT)
    carried = {**hidden(first), "text": "电梯停了五天"}
    second = client.post(REPORT, {**carried, "go": "whom"}).content.decode()
    carried = {**hidden(second), "post": str(Post.objects.get().id)}
    third = client.post(REPORT, {**carried, "go": "you"}).content.decode()
    carried = {**hidden(third), "phone": PHONE, "name": ""}
    check = client.post(REPORT, {**carried, "go": "check"}).content.decode()
    text = words(check)
    assert "电梯停了五天" in text
    assert "市长 沈砚青" in text
    assert PHONE in text
    receipt = client.post(REPORT, {**hidden(check), "go": "send", "agree": "on"}).content.decode()
    case = Case.objects.get()
    assert receipt_of(receipt)[0] == case.number
    assert (case.channel, case.kind, case.post, case.received_at) == ("web", "problem", Post.objects.get(), NOW)


def test_the_post_of_the_directory_is_chosen_already() -> None:
    found()
    post = official("mayor", "沈砚青")
    first = page(browser(), f"{REPORT}?post={post.id}")
    assert hidden(first)["post"] == str(post.id)
    assert f'<option value="{post.id}" selected>' in send(browser(), "whom", post=post.id)


def test_a_long_list_of_posts_is_not_shown_but_the_chosen_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.pages.public.report.POSTS_MOST", 1)
    found()
    first, second = official("mayor", "沈砚青"), official("deputy", "陆知远")
    chosen = send(browser(), "whom", post=second.id)
    assert "陆知远" in chosen
    assert "沈砚青" not in chosen
    assert str(first.id) not in re.findall(r'<option value="(\d+)"', chosen)
    assert "怎么联系您" in send(browser(), "you")  # without one the question isn't asked


def test_a_change_leads_back_to_the_check_page_with_all_answers() -> None:
    found()
    official("mayor", "沈砚青")
    check = send(browser(), "check")
    what = browser().post(REPORT, {**hidden(check), "go": "what"}).content.decode()
    assert "电梯停了五天</textarea>" in what
    assert 'name="go" value="check"' in what
    again = browser().post(REPORT, {**hidden(what), "text": "电梯又停了", "go": "check"}).content.decode()
    assert "电梯又停了" in words(again)
    assert PHONE in words(again)


def test_nothing_personal_stands_in_an_address_or_is_stored_before_it_is_sent() -> None:
    found()
    client = browser()
    for go in ("you", "check"):
        html = send(client, go)
        assert 'action="/report/"' in html
        assert 'method="get"' not in html
    assert not Contact.objects.exists()
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_a_receipt_has_the_real_date_of_every_step() -> None:
    found()
    text = words(sent())
    assert "交给一个单位 最迟 3 月 11 日（周三）" in text
    assert "有人联系您 最迟 3 月 16 日（周一）" in text  # assigned on Wed 11: third day Sat 14, rolled
    assert "答复您 最迟 3 月 18 日（周三）" in text
    assert "复杂的最迟 4 月 1 日（周三）" in text
    assert "单位办完后 3 个工作日内" in text


def test_what_was_sent_is_sealed_and_verifies_and_the_notice_is_kept_with_it() -> None:
    found()
    sent(name="郑晓禾")
    contact = Contact.objects.get()
    key = keys_of([contact.key_id])[contact.key_id]
    assert unseal(contact, key, "text") == "电梯停了五天"
    assert unseal(contact, key, "fields") == '{"privacy_notice": "2"}'
    assert TOKEN not in (contact.external_id or "")  # whoever reads the register can't fetch the receipt
    assert set(LedgerLine.objects.filter(chain_id=contact.key_id).values_list("actor", flat=True)) == {"citizen"}
    assert list(broken_entries()) == []


def test_without_a_phone_the_code_is_longer_where_the_rulebook_lets_it_be() -> None:
    found("message-board")
    html = sent(phone="", name="")
    assert len(receipt_of(html)[1]) == 12
    assert "没留电话" in words(html)


def test_further_fields_of_the_rulebook_are_asked_and_kept() -> None:
    found("nanning")
    asked = words(send(browser(), "you"))
    assert "企业名称" in asked
    assert "联系人姓名" in asked
    assert "您的姓名" not in asked
    assert "请写企业名称" in send(browser(), "check", contact_name="郑晓禾")
    sent(enterprise_name="云川机械厂", contact_name="郑晓禾")
    contact = Contact.objects.get()
    fields = unseal(contact, keys_of([contact.key_id])[contact.key_id], "fields")
    assert json.loads(fields or "{}")["enterprise_name"] == "云川机械厂"
    assert Case.objects.get().stage == "received"


def test_the_qr_code_of_a_receipt_opens_the_track_page_with_the_number_and_never_the_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[str] = []

    def noted(text: str) -> Qr:
        drawn.append(text)
        return qr_path(text)

    monkeypatch.setattr("huying.pages.public.report.qr_path", noted)
    found()
    html = sent()
    number, code = receipt_of(html)
    assert drawn == [f"http://testserver/track/?number={number}"]
    assert code not in drawn[0]
    assert html.count('<svg class="qr"') == 1
    size, path = qr_path(drawn[0]).size, qr_path(drawn[0]).path
    assert f'viewBox="0 0 {size} {size}"' in html
    assert f'<path d="{path}"/>' in html
    assert f'value="{number}"' in page(browser(), drawn[0].removeprefix("http://testserver"))
    assert "<script" not in page(browser(), "/track/?number=<script>")


# -- once -----------------------------------------------------------------------------------------------------------


def test_a_double_click_or_a_reload_of_the_receipt_registers_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    first = receipt_of(sent())
    set_clock(monkeypatch, NOW + timedelta(minutes=3))
    assert receipt_of(sent()) == first
    assert Contact.objects.count() == Case.objects.count() == 1


def test_another_text_under_the_same_token_is_not_sent_and_the_receipt_is_shown_again() -> None:
    found()
    sent()
    again = browser().post(REPORT, {**ANSWERS, "text": "换了一件事", "go": "send", "agree": "on"}).content.decode()
    assert "刚才已经交过了，这是那一份的回执。" in words(again)
    assert "您这次写的是： 什么事：换了一件事；您的电话：" in words(again)
    assert receipt_of(again) == receipt_of(sent())
    assert receipt_of(again)[0] == Case.objects.get().number
    unknown = {**ANSWERS, "token": "y" * 32, "text": "换了一件事", "go": "send", "agree": "on"}
    assert receipt_of(browser().post(REPORT, unknown).content.decode()) != receipt_of(again)


def test_whoever_goes_back_in_the_browser_loses_nothing_of_the_pages_that_came_after() -> None:
    found()
    official("mayor", "沈砚青", name="市长")
    client = browser()
    files = client.post(REPORT, {**hidden(page(client, REPORT)), "text": "电梯停了", "step": "what", "go": "files"})
    seen_before = hidden(files.content.decode())
    told = {"post": str(Post.objects.get().id), "phone": PHONE, "name": "郑晓禾", "dialect_only": "on"}
    check = client.post(REPORT, {**seen_before, **told, "step": "besides", "go": "check"}).content.decode()
    assert "只会说方言" in check
    # Back, four times: the page of the files as it was.
    again = client.post(REPORT, {**seen_before, "step": "files", "go": "you"}).content.decode()
    assert PHONE in again
    assert "郑晓禾" in again
    assert hidden(again)["dialect_only"] == "yes" or hidden(again)["dialect_only"] == "on"
    # What is emptied on its own page stays empty.
    emptied = client.post(REPORT, {**hidden(again), "phone": PHONE, "name": "", "step": "you", "go": "check"})
    assert "郑晓禾" not in emptied.content.decode()
    assert "市长 沈砚青" in emptied.content.decode()


def test_every_first_page_draws_its_own_token() -> None:
    found()
    tokens = {hidden(page(browser(), REPORT))["token"] for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 32


def test_the_receipt_can_be_read_in_the_other_language_and_is_the_same() -> None:
    found()
    client = browser()
    html = sent(client)
    again = client.post(REPORT, {**hidden(html), "language": "en"}).content.decode()
    assert receipt_of(again) == receipt_of(html)
    assert "What happens next" in words(again)
    assert Case.objects.count() == 1


def test_the_other_language_loses_nothing_that_was_typed() -> None:
    found()
    client = browser()
    html = client.post(
        REPORT, {"text": "写到一半", "token": TOKEN, "step": "what", "language": "en"}
    ).content.decode()
    assert "写到一半</textarea>" in html
    assert "What is it about?" in words(html)
    assert "What is it about?" in words(page(client, REPORT))  # and it stays


# -- what goes wrong ------------------------------------------------------------------------------------------------


def test_an_empty_report_says_what_to_do_first_thing_and_at_the_field() -> None:
    found()
    html = send(browser(), "you", text="  ")
    assert html.count("请写是什么事，一句也行") == 2
    assert "<title>错误：" in html
    assert html.index('class="errors"') < html.index("<h1>")


def test_what_was_wrong_on_an_earlier_page_leads_back_there_and_keeps_the_rest() -> None:
    found()
    html = sent(phone="打我手机")
    assert "电话只写数字" in html
    assert 'value="打我手机"' in html
    assert hidden(html)["text"] == "电梯停了五天"
    assert not Case.objects.exists()


@pytest.mark.parametrize("phone", ["", "abc", "110", "139<script>", "１３９abc", "1" * 40])
def test_a_phone_that_nobody_can_call_is_not_taken(phone: str) -> None:
    found()
    assert "怎么联系您" in sent(phone=phone)
    assert not Case.objects.exists()


@pytest.mark.parametrize("phone", ["+86 139 0000 0001", "139-0000-0001", "１３９０００００００１", " 13900000001 "])
def test_a_phone_is_taken_as_people_write_it(phone: str) -> None:
    found()
    assert receipt_of(sent(phone=phone))


def test_a_hundred_thousand_letters_are_refused_and_kept() -> None:
    found()
    text = "长" * 100_000
    html = send(browser(), "you", text=text)
    assert "写了 100,000 个字，最多 5,000 个" in html
    assert text in html


def test_a_script_is_text_wherever_it_is_written() -> None:
    found("nanning")
    bad = "<script>alert(1)</script>"
    told = {"text": bad, "enterprise_name": bad, "contact_name": bad, "token": "<script>"}
    for go in ("what", "you", "check", "send"):
        assert "<script" not in send(browser(), go, agree="on", **told)


def test_nul_and_other_signs_that_nobody_types_are_left_out() -> None:
    found()
    sent(text="电梯\0停了\x07五天\r\n第二行", name="郑\0晓禾")
    contact = Contact.objects.get()
    assert unseal(contact, keys_of([contact.key_id])[contact.key_id], "text") == "电梯停了五天\n第二行"


def test_whether_the_outcome_may_be_published_is_asked_and_not_ticked_beforehand() -> None:
    found()
    check = send(browser(), "check")
    [box] = re.findall(r'<input[^>]*name="may_publish"[^>]*>', check)
    assert "checked" not in box.replace("checkbox", "")
    client = browser()
    receipt = send(client, "send", agree="on", may_publish="on")
    again = client.post(REPORT, {**hidden(receipt), "go": "send", "language": "en"}).content.decode()
    assert receipt_of(receipt) == receipt_of(again)  # the same report in the other language, not another one
    number = Case.objects.get().number
    assert "公开结果 诉求人同意" in words(page(browser(user()), f"/desk/cases/{number}/"))


def test_without_agreeing_nothing_is_sent() -> None:
    found()
    html = send(browser(), "send")
    assert "同意了再交" in html
    assert PHONE in words(html)
    assert not Case.objects.exists()


@pytest.mark.parametrize("tampered", [{"go": "receipt"}, {"go": "\0"}, {"step": "x", "go": ""}, {"token": ""}])
def test_a_form_that_somebody_tampered_with_is_only_another_answer(tampered: dict[str, str]) -> None:
    found()
    assert "核对您填的内容" in send(browser(), **{"go": "check", **tampered})
    assert not Case.objects.exists()


@pytest.mark.parametrize("post", ["999", "-1", "x", "9" * 40, "\0", "1; DROP"])
def test_a_post_that_does_not_exist_is_not_taken(post: str) -> None:
    found()
    official("mayor", "沈砚青")
    assert "没有这个职务" in sent(post=post)
    assert not Case.objects.exists()


def test_too_many_reports_from_one_address_are_held_back_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.pages.public.report.REPORTS", Limit("report", 3))
    found()
    for n in range(3):
        sent(token=f"{n:032d}")
    answer = browser().post(REPORT, {**ANSWERS, "token": "z" * 32, "go": "send", "agree": "on"})
    assert answer.status_code == 429
    assert "内容还在" in answer.content.decode()
    assert hidden(answer.content.decode())["text"] == "电梯停了五天"
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert receipt_of(sent(elsewhere, token="y" * 32))


@pytest.mark.parametrize("step", ["what", "you", "check", "send", "nowhere"])
def test_a_form_without_its_protection_does_nothing_and_comes_back_filled(step: str) -> None:
    found()
    client = Client(enforce_csrf_checks=True)
    answer = client.post(REPORT, {**ANSWERS, "step": step, "go": "send", "agree": "on"})
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "没有交上去： 这一页开得太久" in words(html)
    assert not Contact.objects.exists()
    assert not Refusal.objects.exists()
    assert "checked" not in re.sub(r'name="checked"', "", html)  # nobody consents but by their own hand
    shown = re.findall(r"<textarea[^>]*>\s*([^<]*)<", html)
    shown += re.findall(r'<input type="tel"[^>]*value="([^"]*)"', html)
    assert shown == {"what": [ANSWERS["text"]], "you": [ANSWERS["phone"]]}.get(step, [])
    again = {**ANSWERS, **hidden(html), "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    receipt = client.post(REPORT, {**again, "go": "send", "agree": "on"}).content.decode()
    assert receipt_of(receipt)[0] == Case.objects.get().number


def test_a_forged_form_with_wrong_answers_is_judged_no_further_than_where_it_was() -> None:
    found()
    answer = Client(enforce_csrf_checks=True).post(REPORT, {**ANSWERS, "text": "", "step": "check", "go": "send"})
    assert answer.status_code == 403
    assert "请写是什么事" in answer.content.decode()


# -- closed ---------------------------------------------------------------------------------------------------------


def test_without_a_rulebook_the_page_gives_the_numbers_instead() -> None:
    found(None)
    text = words(page(browser(), REPORT))
    assert "现在不能在网上反映" in text
    assert "0500-555 0100" in text


def test_a_rulebook_that_switches_the_channel_off_closes_it_for_forms_on_their_way_too() -> None:
    found("bozhou", off='kind = "sms"', to='kind = "web"\nenabled = false')
    assert "现在不能在网上反映" in page(browser(), REPORT)
    assert "现在不能在网上反映" in sent()
    assert not Contact.objects.exists()


def test_a_rulebook_is_in_force_only_from_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    set_clock(monkeypatch, at(1, 4, 12))
    assert "现在不能在网上反映" in page(browser(), REPORT)


# -- caches ---------------------------------------------------------------------------------------------------------


def test_questions_and_receipt_are_kept_by_the_readers_own_browser_alone_whatever_cookie_changes() -> None:
    found()
    receipt = browser().post(REPORT, {**ANSWERS, "go": "send", "agree": "on"})
    assert "已经登记" in receipt.content.decode()
    for answer in (browser().get(REPORT), receipt):
        assert "private" in answer["Cache-Control"]
        assert "no-cache" in answer["Cache-Control"]
        assert not answer.has_header("Vary")
    assert browser().get("/")["Vary"]
