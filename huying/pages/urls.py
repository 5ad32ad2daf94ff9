"""Addresses of our own pages."""

from django.urls import path

from .desk.case import case
from .desk.register import register, start

urlpatterns = [
    path("", start, name="start"),
    path("desk/cases/", register, name="register"),
    path("desk/cases/<str:number>/", case, name="case"),
]
