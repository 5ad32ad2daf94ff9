"""The flow chart: what it says of a rulebook, that it is sound XML, and that no text leaves its box."""

import xml.etree.ElementTree as ElementTree
from itertools import product
from re import findall

import pytest

from huying.data import rulebook_ids
from huying.rules.flow_chart import NARROW, NARROW_LARGE, flow_chart, on_paper
from huying.rules.flow_steps import Row, rows
from huying.rules.words import Language
from tests.rules.test_rulebook import least, shipped

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES: tuple[Language, Language] = ("zh", "en")
EACH = list(product(rulebook_ids(), LANGUAGES))


def chart(rulebook_id: str, language: Language = "zh") -> dict[str, Row]:
    return {row.id: row for row in rows(shipped(rulebook_id), language)}


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314


def ways(row: Row) -> dict[str, tuple[str, ...]]:
    return {way.name: way.lines for way in row.ways}


def rungs(row: Row) -> dict[str, tuple[str, ...]]:
    return {rung.name: rung.lines for rung in row.rungs}


# --- what it says


def test_bozhou_goes_from_the_call_to_the_close_with_its_terms() -> None:
    bozhou = chart("bozhou")
    assert list(bozhou) == ["register", "assign", "contact", "resolve", "verify", "callback", "verdicts", "close"]
    assert bozhou["assign"].lines == (
        "收到后 1 个自然日内",
        "特急 1 小时、紧急 2 小时内转出",
        "最多 2 级，再往下交要批准",
    )
    assert bozhou["contact"].lines[0] == "首次交办后 3 个自然日内"
    assert "方式：当面、电话" in bozhou["contact"].lines
    assert "必须告知：办理责任人、责任人电话" in bozhou["contact"].lines
    assert bozhou["resolve"].lines[0] == "首次交办后：咨询 3 个工作日、简单的 5 个工作日、复杂的 15 个工作日内"
    assert bozhou["verdicts"].lines == ("销号：满意、理解", "没有评价，也销号：联系不上、拒评")


def test_whoever_is_in_danger_reads_every_number_to_dial() -> None:
    assert ways(chart("bozhou")["register"])["转法定渠道"] == ("险情打 110、119、120、122",)
    assert ways(chart("bozhou", "en")["register"])["Referred"] == ("danger: dial 110, 119, 120 or 122",)


def test_one_is_no_plural() -> None:
    verdicts = '[verdicts]\nallowed = ["satisfied", "unsatisfied"]\nmax_reopen = 1\n'
    one = {row.id: row for row in rows(least(f"[step.assign]\ndue = '1 hour'\nmax_levels = 1\n{verdicts}"), "en")}
    assert "At most 1 level; more need approval" in one["assign"].lines
    assert ways(one["verdicts"])["Reopened"] == ("Unsatisfied; at most 1 time",)
    assert "At most 2 levels; more need approval" in chart("bozhou", "en")["assign"].lines


def test_other_ways_lead_on_or_back_to_an_earlier_step() -> None:
    bozhou = chart("bozhou")
    assert list(ways(bozhou["register"])) == [
        *("待补正", "只记一次，不立件", "直接答复"),
        *("转法定渠道", "不予受理", "并单"),
    ]
    assert ways(bozhou["assign"])["退单"] == ("不归本单位的，1 个工作日内申请，办公室核定，最多 1 次",)
    assert ways(bozhou["resolve"])["延期"] == ("到期前申请，最长 15 个工作日，最多 1 次，要告诉诉求人",)
    assert {row.id: row.back_to for row in bozhou.values() if row.back_to} == {
        "assign": "assign",
        "verify": "resolve",
        "verdicts": "contact",
    }


def test_the_ladder_stands_beside_the_step_that_it_watches() -> None:
    bozhou = chart("bozhou")
    assert rungs(bozhou["contact"]) == {"联系诉求人超期": ("当时：催办", "1 个工作日后：督办")}
    assert list(rungs(bozhou["assign"])) == ["交办超期", "转出超期"]
    assert rungs(bozhou["verdicts"]) == {"第 2 次不满意": ("当时：督办",), "第 3 次不满意": ("当时：建议约谈",)}
    assert rungs(bozhou["close"])["约谈后到期没有整改"] == ("10 个工作日后：移交纪检监察",)


def test_henan_has_reviews_and_no_contact_callback_or_verdict() -> None:
    henan = chart("henan-xinfang", "en")
    assert list(henan) == ["register", "assign", "resolve", "verify", "review", "re_review", "close"]
    assert "Notice of acceptance within 15 calendar days of receipt" in henan["assign"].lines
    assert henan["review"].lines == (
        "May be asked for within 30 calendar days of the verification",
        "Decided within 30 calendar days",
    )
    assert henan["re_review"].lines[-1] == "The last one"
    assert ways(henan["register"])["Waits for missing fields"][0].endswith("declined after 7 calendar days")
    assert henan["close"].lines[0] == "When the time to ask has passed"


def test_feng_has_a_daily_review_and_its_visits_come_after_the_close() -> None:
    feng = chart("fengxian")
    assert feng["daily_review"].lines == ("每天 17:00：专线来电",)
    assert list(feng)[-2:] == ["close", "visits"]
    assert feng["visits"].lines == ("每隔 30 个自然日一次，共 2 次",)
    assert "callback" not in feng


def test_a_mailbox_closes_as_soon_as_a_reply_is_verified() -> None:
    board = chart("message-board", "en")
    assert board["close"].lines[0] == "As soon as it is verified; no callback"
    assert board["resolve"].lines[-1] == "The report says what was done"
    assert "Noted, no case" in ways(board["register"])


def test_what_a_rulebook_lacks_is_absent() -> None:
    bare = {row.id: row for row in rows(least(), "zh")}
    assert list(bare) == ["register", "assign", "resolve", "verify", "close"]
    assert bare["register"].lines == ()
    assert "待补正" not in ways(bare["register"])
    assert bare["assign"].ways == ()
    assert bare["assign"].back_to is None


def test_what_a_rulebook_adds_is_there() -> None:
    added = least(
        """
        [[channel]]
        kind = "sms"
        enabled = false
        [step.acknowledge]
        due = { critical = "15 minutes", urgent = "30 minutes", normal = "1 working_day" }
        [step.return_call]
        due = "2 hours"
        [step.return]
        due = "1 working_day"
        [step.extension]
        limit = "5 working_days"
        [step.contact]
        due = "2 working_days"
        [step.report]
        required = []
        [step.callback]
        due = "3 working_days"
        [step.review]
        window = "5 working_days"
        due = "5 working_days"
        [step.daily_review]
        schedule = "daily 08:30"
        scope = "all"
        [verdicts]
        allowed = ["unsatisfied"]
        close_on = []
        [[ladder]]
        on = "fault"
        faults = ["inaction"]
        action = "interview"
        """
    )
    told = {row.id: row for row in rows(added, "zh")}
    assert told["register"].lines == ()
    assert ways(told["register"])["漏接"] == ("2 小时内回电",)
    assert told["acknowledge"].lines[0] == "交办后：特急 15 分钟、紧急 30 分钟、一般 1 个工作日内"
    assert ways(told["assign"])["退单"] == ("不归本单位的，1 个工作日内申请，办公室核定",)
    assert ways(told["resolve"])["延期"] == ("到期前申请，最长 5 个工作日",)
    assert told["daily_review"].lines == ("每天 08:30：全部诉求",)
    assert told["verdicts"].lines == ()
    assert told["verdicts"].back_to == "acknowledge"
    assert rungs(told["close"]) == {"查实有下列情形之一": ("不作为", "当时：约谈")}
    assert flow_chart(added, "zh")


def test_verdicts_that_reopen_nothing_have_no_way_back() -> None:
    book = least('[verdicts]\nallowed = ["satisfied"]\n[step.callback]\ndue = "1 working_day"\n')
    [row] = [row for row in rows(book, "en") if row.id == "verdicts"]
    assert (row.ways, row.back_to, row.lines) == ((), None, ("Closes: Satisfied",))


def test_a_kind_that_nobody_may_answer_at_once_is_not_offered_for_it() -> None:
    book = least("[intake.kinds]\nconsultation = { may_answer_on_spot = false }\n")
    assert "直接答复" not in ways(rows(book, "zh")[0])


# --- how it is drawn


@pytest.mark.parametrize(("rulebook_id", "language"), EACH)
def test_a_chart_is_sound_xml_that_names_itself_and_says_all_in_words(rulebook_id: str, language: Language) -> None:
    root = read(flow_chart(shipped(rulebook_id), language))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert shipped(rulebook_id).rulebook.title in (title.text or "")
    for row in rows(shipped(rulebook_id), language):
        assert all(line in (description.text or "") for line in row.lines)
    assert root.get("aria-labelledby") == "flow-title flow-desc"


@pytest.mark.parametrize("narrow", [0, NARROW, NARROW_LARGE])
@pytest.mark.parametrize(("rulebook_id", "language"), EACH)
def test_no_box_lies_over_another_and_all_lie_in_the_picture(
    rulebook_id: str, language: Language, narrow: int
) -> None:
    root = read(flow_chart(shipped(rulebook_id), language, narrow=narrow))
    boxes = [
        tuple(float(box.attrib[key]) for key in ("x", "y", "width", "height")) for box in root.iter(f"{SVG}rect")
    ]
    for n, (x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert x + width <= float(root.attrib["width"])
        assert y + height <= float(root.attrib["height"])
        for x2, y2, width2, height2 in boxes[:n]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y


@pytest.mark.parametrize(("rulebook_id", "language"), EACH)
def test_on_paper_the_narrow_chart_is_cut_between_its_steps_and_all_of_it_is_there(
    rulebook_id: str, language: Language
) -> None:
    narrow = flow_chart(shipped(rulebook_id), language, narrow=NARROW)
    boxes = [(float(y), float(h)) for y, h in findall(r'<rect [^>]*?y="([\d.]+)" [^>]*?height="([\d.]+)"', narrow)]
    sheet = read(on_paper(narrow))
    parts = [tuple(map(float, part.attrib["viewBox"].split())) for part in sheet.iter(f"{SVG}svg")][1:]
    assert 1 <= len(parts) <= 3
    for y, high in boxes:
        assert [top <= y and y + high <= top + part for _, top, _, part in parts].count(True) == 1
    letters = 13 * min(174 / float(sheet.attrib["width"]), 262 / float(sheet.attrib["height"])) * 72 / 25.4
    assert letters > 7  # points


def test_beside_the_wide_one_a_narrow_chart_has_names_of_its_own() -> None:
    both = flow_chart(shipped("bozhou"), "zh") + flow_chart(shipped("bozhou"), "zh", narrow=NARROW)
    names = findall(r'id="([^"]*)"', both)
    assert len(set(names)) == len(names) == 6


def test_it_has_no_colour_and_no_style_of_its_own() -> None:
    drawn = flow_chart(shipped("bozhou"), "zh")
    assert "#" not in drawn
    assert "style" not in drawn
    assert 'stroke="currentColor"' in drawn


def test_texts_of_a_rulebook_are_text_and_never_markup() -> None:
    title = '<script>alert("1")</script> & \x00\x0b'
    book = least()
    about = book.rulebook.model_copy(update={"title": title, "office": "甲 & 乙"})
    drawn = flow_chart(book.model_copy(update={"rulebook": about}), "en")
    assert "<script" not in drawn
    assert "甲 &amp; 乙" in drawn
    assert read(drawn).tag == f"{SVG}svg"


def test_a_long_title_is_broken_and_a_word_that_fits_no_line_is_left_whole() -> None:
    about = least().rulebook.model_copy(update={"title": "长" * 60 + " " + "W" * 90})
    drawn = flow_chart(least().model_copy(update={"rulebook": about}), "zh")
    assert "W" * 90 in drawn
    assert "长" * 60 not in drawn.partition("</desc>")[2]
