"""Addresses of our own pages."""

from django.urls import path

from .desk.case import case
from .desk.register import register, start
from .first_password import first_password
from .public.directory import directory
from .public.front import front
from .public.report import report
from .public.track import track

urlpatterns = [
    path("", front, name="front"),
    path("report/", report, name="report"),
    path("track/", track, name="track"),
    path("directory/", directory, name="directory"),
    path("account/first/<str:uid>/<str:token>/", first_password, name="first_password"),
    path("desk/", start, name="start"),
    path("desk/cases/", register, name="register"),
    path("desk/cases/<str:number>/", case, name="case"),
]
