"""Django settings, read from the environment (documented in ``docs/reference/settings.md``).

Everything an installation changes is an environment variable named ``RESSORT_*``; the defaults run the
embedded platform: one process, SQLite, nothing else to install.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shlex
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

PACKAGE = Path(__file__).resolve().parent.parent


def _flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


def _secret(folder: Path) -> str:
    """Return the installation's secret: from the environment, else from a file made once with it."""
    if given := os.environ.get("RESSORT_SECRET_KEY"):
        return given
    file = folder / "secret.key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text().strip()


DATA_DIR = Path(os.environ.get("RESSORT_DATA", "var")).resolve()
SECRET_KEY = _secret(DATA_DIR)
DEBUG = _flag("RESSORT_DEBUG", default=False)
DEMO = _flag("RESSORT_DEMO", default=False)
ALLOWED_HOSTS = os.environ.get("RESSORT_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
SERVICES = os.environ.get("RESSORT_SERVICES", "transport,controlroom").split(",")
TERRITORY_NAME = os.environ.get("RESSORT_NAME", "")
PHONE = os.environ.get("RESSORT_PHONE", "")
ACCENT = os.environ.get("RESSORT_ACCENT", "")
PUBLIC_URL = os.environ.get("RESSORT_URL", "http://127.0.0.1:8000")


def _days(text: str) -> dict[str, int]:
    """Read ``RESSORT_KEEP``: ``transport.Contact=30,journal.Receipt=400``."""
    found = {}
    for part in filter(None, text.split(",")):
        label, _, days = part.strip().partition("=")
        if not days.isascii() or not days.isdigit() or int(days) > 36_500:
            raise ImproperlyConfigured(
                f"RESSORT_KEEP: « {part} » n'est pas une durée. Écrivez Table=jours, par exemple transport.Contact=30."
            )
        found[label] = int(days)
    return found


def _whole_days(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 365):
        raise ImproperlyConfigured(f"{name}: « {text} » n'est pas un nombre de jours de 1 à 365.")
    return int(text)


def _command(name: str) -> list[str]:
    """Read a command as a shell would cut it into words; no shell ever runs it."""
    try:
        return shlex.split(os.environ.get(name, ""))
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} ne se lit pas : un guillemet n'est pas fermé. Écrivez par exemple lp -d salle."
        ) from None


def _zone(name: str) -> str:
    text = os.environ.get(name, "").strip().upper()
    if text not in {"", "A", "B", "C"}:
        raise ImproperlyConfigured(f"{name}: « {text} » n'est pas une zone. Écrivez A, B ou C.")
    return text


KEEP_DAYS = _days(os.environ.get("RESSORT_KEEP", ""))
APPEAL_DAYS = _whole_days("RESSORT_APPEAL_DAYS", 15)
PRINT_COMMAND = _command("RESSORT_PRINT_COMMAND")
SCHOOL_ZONE = _zone("RESSORT_SCHOOL_ZONE")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ressort.core.clock",
    "ressort.core.journal",
    "ressort.core.accounts",
    "ressort.core.territory",
    "ressort.core.installation",
    "ressort.core.jobs",
    "ressort.core.appeals",
    "ressort.core.network",
    "ressort.core.intake",
    "ressort.core.fleet",
    "ressort.core.notify",
    "ressort.core.live",
    "ressort.web",
    *[f"ressort.services.{name}" for name in SERVICES],
    "ressort.twin",
    "ressort.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ressort.core.journal.middleware.correlation",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ressort.web.errors.ClearErrors",
    "ressort.core.accounts.backends.keep_demo_home",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ressort.web.gate.Gate",
]

ROOT_URLCONF = "ressort.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ressort.web.context.shell",
            ],
            "builtins": ["ressort.web.templatetags.ressort", "ressort.web.templatetags.lists"],
        },
    }
]

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"  # NORMAL survives kill -9 but not power loss
    "PRAGMA secure_delete=ON;"  # what is erased is overwritten with zeros, not left in free pages
    "PRAGMA recursive_triggers=ON;"  # otherwise INSERT OR REPLACE deletes past the journal's triggers
    "PRAGMA mmap_size=134217728;"
    "PRAGMA cache_size=-32000;"
)


def _database(address: str) -> dict[str, object]:
    """Turn ``RESSORT_DATABASE`` (empty, or ``postgresql://user:password@host:port/name``) into settings."""
    if not address:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "ressort.sqlite3",
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _SQLITE_PRAGMAS},
        }
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"RESSORT_DATABASE: « {parts.scheme} » n'est pas connu. Écrivez "
            "postgresql://utilisateur:motdepasse@hote:port/base, ou laissez vide pour SQLite."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


DATABASES = {"default": _database(os.environ.get("RESSORT_DATABASE", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["ressort.core.accounts.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "web:signin"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 14 * 86400
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _flag("RESSORT_HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if _flag("RESSORT_HTTPS", default=False) else None
)
CSRF_FAILURE_VIEW = "ressort.web.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE, "'unsafe-hashes'"],
    "style-src-attr": [CSP.UNSAFE_INLINE],  # bars and dots placed by the server carry their size in style=
    "img-src": [CSP.SELF, "data:", "blob:"],
    "worker-src": [CSP.SELF, "blob:"],
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("RESSORT_TIME_ZONE", "Europe/Paris")
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ressort.web.storage.StaticStorage"},
}
WHITENOISE_MAX_AGE = 300


def _mailer(address: str) -> dict[str, object]:
    """Turn ``RESSORT_SMTP_URL`` (empty, or ``smtp+starttls://user:password@host:587``) into a mailer."""
    if not address:
        return {
            "BACKEND": os.environ.get(
                "RESSORT_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"
            )
        }
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(address)
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(
            "RESSORT_SMTP_URL ne se lit pas. Écrivez smtp+starttls://utilisateur:motdepasse@hote:587, "
            "smtps://… (chiffré d'emblée) ou smtp://… (sans chiffrement, sur la même machine)."
        )
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or ports[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp+starttls",
            "use_ssl": parts.scheme == "smtps",
            "timeout": 15,
        },
    }


def _broker(address: str) -> dict[str, object] | None:
    """Turn ``RESSORT_MQTT_URL`` (empty, or ``mqtts://user:password@host:8883``) into what a client needs."""
    if not address:
        return None
    from urllib.parse import parse_qs, unquote, urlsplit

    wrong = ImproperlyConfigured(
        "RESSORT_MQTT_URL ne se lit pas. Écrivez mqtts://utilisateur:motdepasse@hote:8883 (chiffré) ou "
        "mqtt://hote:1883 (même machine) ; ajoutez ?version=3.1.1 pour un courtier qui ignore MQTT 5, "
        "?ca=/chemin/autorite.pem pour une autorité à vous."
    )
    try:
        parts = urlsplit(address)
        port, asked = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise wrong from None
    version = asked.pop("version", ["5"])[-1]
    ca = asked.pop("ca", [""])[-1]
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or asked or version not in {"5", "3.1.1"}:
        raise wrong
    port = port or (8883 if parts.scheme == "mqtts" else 1883)
    return {
        "host": parts.hostname,
        "port": port,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": parts.scheme == "mqtts",
        "ca": ca,
        "version": version,
        "shown": f"{parts.scheme}://{parts.hostname}:{port}",
    }


MQTT = _broker(os.environ.get("RESSORT_MQTT_URL", ""))
MQTT_TOPICS = [
    one.strip()
    for one in os.environ.get(
        "RESSORT_MQTT_TOPICS", "ressort/#,v3/+/devices/+/up,application/+/device/+/event/up"
    ).split(",")
    if one.strip()
]
MQTT_CLIENT = (
    os.environ.get("RESSORT_MQTT_CLIENT")
    or (
        f"ressort-{hashlib.sha256(SECRET_KEY.encode()).hexdigest()[:12]}"  # the same at each start: the broker keeps for it
    )
)
DRIVER_THREADS = int(os.environ.get("RESSORT_DRIVER_THREADS", "8"))
DEVICE_LOOPBACK = os.environ.get("RESSORT_DEVICE_LOOPBACK", "") == "1"
MAILERS = {"default": _mailer(os.environ.get("RESSORT_SMTP_URL", ""))}
DEFAULT_FROM_EMAIL = os.environ.get("RESSORT_EMAIL_FROM", "ressort@localhost")
SMS_URL = os.environ.get("RESSORT_SMS_URL", "")
SMS_METHOD = os.environ.get("RESSORT_SMS_METHOD", "POST").upper()
SMS_BODY = os.environ.get("RESSORT_SMS_BODY", '{"to": "{to}", "message": "{text}", "id": "{key}"}')
SMS_TOKEN = os.environ.get("RESSORT_SMS_TOKEN", "")
SMS_TIMEOUT = float(os.environ.get("RESSORT_SMS_TIMEOUT", "10"))
REPORTS_TOKEN = os.environ.get("RESSORT_REPORTS_TOKEN", "")
PUSH_HOSTS = [
    "googleapis.com",
    "push.services.mozilla.com",
    "notify.windows.com",
    "push.apple.com",
    *filter(None, os.environ.get("RESSORT_PUSH_HOSTS", "").split(",")),
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("RESSORT_LOG", "WARNING")},
}
