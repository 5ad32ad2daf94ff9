"""The addresses of Huying. Those of allauth are listed one by one: its own list would open sign-up and more."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from . import health

handler400 = "huying.pages.errors.not_understood"
handler403 = "huying.pages.errors.not_allowed"
handler404 = "huying.pages.errors.not_found"
handler500 = "huying.pages.errors.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("huying.pages.urls")),
    path("api/v1/", include(("huying.api.urls", "api"), namespace="api")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/oidc/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
