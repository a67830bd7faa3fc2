"""Settings of the test suite: the embedded platform on a throw-away folder."""

import os
import tempfile

os.environ.setdefault("RESSORT_DATA", tempfile.mkdtemp(prefix="ressort-tests-"))
os.environ.setdefault("RESSORT_SECRET_KEY", "tests-only")

from ressort.config.settings import *  # noqa: F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - or WhiteNoise warns
