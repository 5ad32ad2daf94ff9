"""Accounts get a quick hash here as in the page tests."""

from tests.pages.conftest import quick_passwords

__all__ = ["quick_passwords"]
