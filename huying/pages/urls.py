"""Addresses of our own pages."""

from django.urls import path

from .desk.case import case
from .desk.contact import receipt, record_contact
from .desk.register import register, start
from .desk.today import today
from .first_password import first_password

urlpatterns = [
    path("", start, name="start"),
    path("account/first/<str:uid>/<str:token>/", first_password, name="first_password"),
    path("desk/", today, name="today"),
    path("desk/contacts/new/", record_contact, name="record_contact"),
    path("desk/contacts/<int:contact_id>/", receipt, name="receipt"),
    path("desk/cases/", register, name="register"),
    path("desk/cases/<str:number>/", case, name="case"),
]
