"""Addresses of our own pages."""

from django.urls import path

from .desk.case import case
from .desk.register import register, start
from .first_password import first_password

urlpatterns = [
    path("", start, name="start"),
    path("account/first/<str:uid>/<str:token>/", first_password, name="first_password"),
    path("desk/cases/", register, name="register"),
    path("desk/cases/<str:number>/", case, name="case"),
]
