"""`make pictures`: the main pages as people see them, into screenshots/; three of them into the README's folder.

The demo city in Chromium, at the width of a desk and of a phone, light and dark, Chinese and English.
"""

import re
import shutil
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.served import demo

FOLDER, README = Path("screenshots"), Path("docs/pictures")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PUBLIC = {
    "front": "/",
    "report": "/report/",
    "track": "/track/",
    "directory": "/directory/",
    "official": "/directory/mayor/",
    "check": "/check/",
    "rules": "/rules/",
    "terms": "/rules/terms/",
    "styleguide": "/styleguide/",
}
DESK = {"today": "/desk/", "register": "/desk/cases/", "figures": "/desk/figures/", "case": ""}
SIZES = {1280: 900, 390: 844}
# Those of the README: what a clerk sees in the morning, what everybody sees, what a requester sees of a case.
SHOWN = {"today-1280-zh-light": "today", "front-1280-zh-light": "front", "progress-390-zh-light": "progress"}


def main() -> int:
    if CHROMIUM is None:
        print("Chromium isn't installed: apt-get install chromium fonts-noto-cjk")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with demo() as (port, said), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        password = re.search(r"password (\S+)", said)
        for language, theme in product(("zh", "en"), ("light", "dark")):
            _look(browser, f"http://127.0.0.1:{port}", password[1] if password else "", language, theme)
        browser.close()
    for name, shown in SHOWN.items():
        shutil.copy(FOLDER / f"{name}.png", README / f"{shown}.png")
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}/, three of them in {README}/")
    return 0


def _look(browser: Browser, url: str, password: str, language: str, theme: str) -> None:
    context = browser.new_context(
        base_url=url,
        locale="zh-CN" if language == "zh" else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
    )
    page, how = context.new_page(), f"{language}-{theme}"
    for name, path in PUBLIC.items():
        _take(page, name, path, how)
    _report_and_track(context, how)
    page.goto("/account/login/")
    page.locator("[name=login]").fill("clerk")
    page.locator("[name=password]").fill(password)
    page.locator("main button").first.click()
    page.wait_for_url("**/desk/")
    page.goto("/desk/cases/")
    case = page.locator("main table a").first.get_attribute("href") or "/desk/cases/"
    for name, path in DESK.items():
        _take(page, name, path or case, how)
    context.close()


def _report_and_track(context: BrowserContext, how: str) -> None:
    """Report something, and look at the check page, the receipt and the page of the case."""
    page = context.new_page()
    page.goto("/report/")
    page.locator("[name=text]").fill("翠堤小区 3 号楼的电梯停了五天，老人下不了楼")
    while not page.locator("[name=agree]").is_visible():
        if page.locator("[name=phone]").is_visible():
            page.locator("[name=phone]").fill("139 0000 0001")
        _go_on(page)
    _take(page, "check-answers", None, how)
    page.locator("[name=agree]").check()
    _go_on(page)
    _take(page, "receipt", None, how)
    said = page.locator(".receipt").inner_text()
    number, code = re.findall(r"[A-Z]+-\d{4}-\d{6}", said)[0], re.findall(r"\d{4} \d{4}", said)[0]
    page.goto("/track/")
    for name, text in (("number", number), ("code", code), ("digits", "0001")):
        page.locator(f"[name={name}]").fill(text)
    _go_on(page)
    _take(page, "progress", None, how)


def _go_on(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main .button.primary").click()


def _take(page: Page, name: str, path: str | None, how: str) -> None:
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if path is not None:
            page.goto(path)
        whole = f"{name}-{width}-{how}" not in SHOWN
        page.screenshot(path=FOLDER / f"{name}-{width}-{how}.png", full_page=whole)


if __name__ == "__main__":
    sys.exit(main())
