"""Every address says who may open it: no view is open or closed by accident."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from huying.rules.access import Role

# Views of others, read one by one. All but `inactive`, `login` and the language want a signed-in user, a login that
# waits for its second factor, or (OpenID Connect) a provider that the city has set up.
REVIEWED = {
    "set_language",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_inactive",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "openid_connect_login",
    "openid_connect_callback",
}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def undeclared(pattern: URLPattern) -> bool:
    access = getattr(pattern.callback, "access", None)
    return access != "public" and not (isinstance(access, tuple) and access and set(access) <= set(Role))


def test_every_address_declares_its_access() -> None:
    missing = {pattern.name for pattern in patterns(get_resolver()) if undeclared(pattern)}
    assert missing == REVIEWED


def test_every_address_has_a_name() -> None:
    assert [str(pattern.pattern) for pattern in patterns(get_resolver()) if not pattern.name] == []
