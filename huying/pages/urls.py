"""Addresses of our own pages."""

from django.urls import path

from .desk.approval import decide as decide_approval
from .desk.calendar import calendar, calendar_proposal
from .desk.calls import calls
from .desk.case import call_requester, case
from .desk.contact import receipt, record_contact
from .desk.delegates import delegates
from .desk.figures import account
from .desk.files import case_file, case_files, package
from .desk.impostors import impostors
from .desk.notices import notices
from .desk.register import register
from .desk.rulebook import rulebook
from .desk.same_caller import same_caller
from .desk.stuck import stuck
from .desk.today import today
from .desk.transfer import transfer
from .desk.waiting import call_back, contact, waiting_list
from .first_password import first_password
from .public.about import accessibility, privacy
from .public.account import figures_json
from .public.check import check_number
from .public.directory import directory, directory_json
from .public.feed import notices_feed
from .public.front import front
from .public.large_print import large_print
from .public.official import official
from .public.report import report
from .public.report_later import report_return
from .public.rules import counting, rules, terms
from .public.styleguide import styleguide
from .public.track import track

urlpatterns = [
    path("", front, name="front"),
    path("report/", report, name="report"),
    path("report/return/", report_return, name="report_return"),
    path("track/", track, name="track"),
    path("notices.atom", notices_feed, name="notices_feed"),
    path("check/", check_number, name="check"),
    path("directory/", directory, name="directory"),
    path("directory.json", directory_json, name="directory_json"),
    path("directory/<path:code>/", official, name="official"),
    path("rules/", rules, name="rules"),
    path("rules/terms/", terms, name="terms"),
    path("rules/counting/", counting, name="counting"),
    path("large-print/", large_print, name="large_print"),
    path("privacy/", privacy, name="privacy"),
    path("accessibility/", accessibility, name="accessibility"),
    path("styleguide/", styleguide, name="styleguide"),
    path("figures.json", figures_json, name="figures_json"),
    path("account/first/<str:uid>/<str:token>/", first_password, name="first_password"),
    path("desk/", today, name="today"),
    path("desk/notices/", notices, name="notices"),
    path("desk/impostors/", impostors, name="impostors"),
    path("desk/calls/", calls, name="calls"),
    path("desk/stuck/", stuck, name="stuck"),
    path("desk/contacts/new/", record_contact, name="record_contact"),
    path("desk/contacts/", waiting_list, name="waiting"),
    path("desk/contacts/<int:contact_id>/", contact, name="contact"),
    path("desk/contacts/<int:contact_id>/receipt/", receipt, name="receipt"),
    path("desk/contacts/<int:contact_id>/call/", call_back, name="call_back"),
    path("desk/figures/", account, name="figures"),
    path("desk/calendar/", calendar, name="calendar"),
    path("desk/calendar/<int:proposal_id>/", calendar_proposal, name="calendar_proposal"),
    path("desk/rulebook/", rulebook, name="rulebook"),
    path("desk/cases/", register, name="register"),
    path("desk/cases/<str:number>/", case, name="case"),
    path("desk/cases/<str:number>/same-caller/", same_caller, name="same_caller"),
    path("desk/posts/delegates/", delegates, name="delegates"),
    path("desk/posts/transfer/", transfer, name="transfer_post"),
    path("desk/cases/<str:number>/approvals/<int:approval>/", decide_approval, name="approval"),
    path("desk/cases/<str:number>/call/", call_requester, name="call_requester"),
    path("desk/cases/<str:number>/package/", package, name="case_package"),
    path("desk/cases/<str:number>/files/", case_files, name="case_files"),
    path("desk/cases/<str:number>/files/<int:file_id>/", case_file, name="case_file"),
]
