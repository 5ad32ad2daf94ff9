"""Settings, from the environment only. Importing this module starts nothing and creates nothing.

HUYING_HOME                 data folder (default `.data`)
HUYING_DATABASE_URL         role hy_app; set by `huying` itself when it runs its own PostgreSQL
HUYING_OWNER_DATABASE_URL   role hy_owner, used by migrations alone
HUYING_SECRET_KEY[_FILE]    signs sessions; by default made once in HUYING_HOME/keys
HUYING_MASTER_KEY[_FILE], HUYING_INDEX_KEY[_FILE]   read by `huying.vault.keys`; by default in HUYING_HOME/keys too
PORT                        read by the commands `up` and `demo` (default 8000)
HUYING_HOSTS                host names served, separated by commas (default: loopback)
HUYING_HTTPS                `yes` behind a proxy with TLS: cookies are then sent over HTTPS alone, and somebody's
                            address is the one that the proxy adds to X-Forwarded-For
"""

import os
import secrets
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

django_stubs_ext.monkeypatch()

HOME = Path(os.environ.get("HUYING_HOME") or ".data").resolve()


def _secret(name: str, *, default: str) -> str:
    """Return the setting `name`, or the content of the file that `name`_FILE points to."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name, default)
    try:
        if found := Path(file).read_text("utf-8").strip():
            return found
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ImproperlyConfigured(f"{file}, which {name}_FILE names, can't be read: {unreadable}") from unreadable
    raise ImproperlyConfigured(f"{file}, which {name}_FILE names, is empty")


def _yes(name: str) -> bool:
    value = (os.environ.get(name) or "no").lower()
    if value not in ("yes", "no"):
        raise ImproperlyConfigured(f"{name} is {value!r}; write yes or no")
    return value == "yes"


def _database(url: str, **options: Any) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {key: str(parts.pop(part, "")) for key, part in named.items()}
    return {"ENGINE": "django.db.backends.postgresql", **given, "OPTIONS": {**parts, **options}}


# A worker process handles one request per thread; the pool keeps idle ones few (max_connections is 60).
_POOL = {"min_size": 1, "max_size": 8, "timeout": 10}
_NOWHERE = "postgresql:///huying"
_APP_URL = os.environ.get("HUYING_DATABASE_URL", _NOWHERE)
DATABASES = {
    "default": _database(_APP_URL, pool=_POOL) | {"CONN_HEALTH_CHECKS": True},
    "owner": _database(os.environ.get("HUYING_OWNER_DATABASE_URL", _APP_URL)),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = _secret("HUYING_SECRET_KEY", default="") or secrets.token_urlsafe(48)
ALLOWED_HOSTS = os.environ.get("HUYING_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
DEBUG = False

INSTALLED_APPS = [
    "huying.pages",
    "huying.channels",
    "huying.cases",
    "huying.directory",
    "huying.people",
    "huying.ledger",
    "huying.vault",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "huying.pages.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "huying.config.urls"
WSGI_APPLICATION = "huying.config.wsgi.application"
FORM_RENDERER = "huying.pages.controls.Controls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huying.pages.frame.frame",
            ]
        },
    }
]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["huying.people.login.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {}),
    )
]
CSRF_FAILURE_VIEW = "huying.pages.errors.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "huying.people.login.NoSignUp"
SOCIALACCOUNT_ADAPTER = "huying.people.login.NoSocialSignUp"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds that a one-time link lives
MFA_ADAPTER = "huying.people.login.SealedFactors"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_STORE_TOKENS = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _yes("HUYING_HTTPS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
# Else all limits by address would count the whole city as one: every request comes from the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = int(SESSION_COOKIE_SECURE)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent.parent / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Counters of attempts live here; the default of 300 entries would let whoever makes many push out the others'.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}},
}

FILE_UPLOAD_HANDLERS = ["huying.pages.uploads.Nameless"]

STATIC_URL = "static/"
STATIC_ROOT = None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"discreet": {"()": "huying.config.logs.DiscreetFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
