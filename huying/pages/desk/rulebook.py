"""规则: the rules in force as a flow chart, and for those who keep them what a check finds in them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.models import RulebookVersion
from huying.pages.access import Signed, requires
from huying.pages.frame import footed
from huying.pages.labels import SEVERITIES
from huying.pages.shown import ShownFinding, ShownPage
from huying.rules.access import STAFF, Role
from huying.rules.flow_chart import NARROW, flow_chart
from huying.rules.rulebook_check import Finding, check, no_source
from huying.rules.words import Language

# Who can do something about what is found.
_KEEPERS = (Role.OFFICE, Role.ADMIN)


@requires(*STAFF)
def rulebook(request: Signed) -> HttpResponse:
    """The flow chart of the rulebook in force, in the language of the page."""
    at = now()
    try:
        version = rulebooks.in_force(at)
    except rulebooks.NoRulebook:
        return render(request, "desk/no_rulebook.html", {"page": ShownPage(gettext("规则"))})
    language: Language = "en" if get_language() == "en" else "zh"
    book = rulebooks.ruleset(version).rulebook
    keeps = request.user.role in _KEEPERS
    edition = gettext("第 {n} 版").format(n=version.version)
    context = {
        "page": ShownPage(gettext("规则")),
        "frame": footed(request, at, f"{version.title} {edition}"),
        "chart": SafeString(flow_chart(book, language)),  # escapes what the rulebook says
        "narrow_chart": SafeString(flow_chart(book, language, narrow=NARROW)),
        "findings": _shown(version, language) if keeps else None,
        "unsourced": [one.key for one in _checked(version) if one == no_source(one.key)] if keeps else [],
    }
    return render(request, "desk/rulebook.html", context)


def _checked(version: RulebookVersion) -> list[Finding]:
    return check(version.text, f"{version.rulebook}.toml")


def _shown(version: RulebookVersion, language: Language) -> list[ShownFinding]:
    """Return what the check found, but for numbers without a source: a city's own rulebook needs none."""
    return [
        ShownFinding(one.severity, str(SEVERITIES[one.severity]), one.zh if language == "zh" else one.en, one.key)
        for one in _checked(version)
        if one != no_source(one.key)
    ]
