"""Rules of the house that no linter sees."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from ressort.core import registry
from ressort.core.accounts import policy

ROOT = Path(__file__).resolve().parents[1]


def views(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, where)
        elif isinstance(entry, URLPattern):
            yield where, entry.callback


def test_every_page_names_a_verb_of_the_policy_table():
    pages = [(where, view) for where, view in views(get_resolver()) if not where.startswith("api/")]
    assert len(pages) > 30
    for where, view in pages:
        assert getattr(view, "verb", "") in policy.table(), where


def test_demo_addresses_exist_only_in_a_demo():
    names = {where for where, _ in views(get_resolver())}
    assert not any(where.startswith("demo/") for where in names)


def test_engines_run_without_django_installed():
    code = (
        "import sys\n"
        "class Wall:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name.split('.')[0] in {'django', 'ninja', 'uvicorn', 'valhalla', 'osmium'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        "import ressort.units, ressort.engines.geodesy\n"
        "from ressort.engines import dispatch\n"
        "print(dispatch.offers.__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "offers"), done.stderr


def test_a_page_reaches_tables_only_through_actions_and_queries():
    """Pages may name models for their states and types; they may not write."""
    writing = re.compile(
        r"\.(save|create|update|delete|bulk_create|bulk_update|get_or_create|update_or_create)\("
    )
    for file in (ROOT / "src/ressort/services").rglob("*.py"):
        if file.name.startswith("pages") or file.name == "api.py":
            found = [line for line in file.read_text(encoding="utf-8").splitlines() if writing.search(line)]
            assert not [line for line in found if ".objects" in line], file


def test_services_do_not_import_one_another_nor_the_twin():
    for folder in (ROOT / "src/ressort/services").iterdir():
        if not folder.is_dir() or folder.name == "__pycache__":
            continue
        for file in folder.rglob("*.py"):
            for name in re.findall(r"ressort\.services\.(\w+)", file.read_text(encoding="utf-8")):
                assert name == folder.name, file


SEVENTH = {
    "__init__.py": '"""A seventh service, made by a test."""\n',
    "service.py": (
        "from ressort.core.registry import Door, MenuItem, Service\n"
        "manifest = Service('seventh', 'Septième', 'home', 'making', door=Door('Entrer', 'Une phrase.', "
        "'seventh:home', 'home'), menu=(MenuItem('Accueil', 'seventh:home', 'seventh.see'),), "
        "policy={'seventh.see': {'public': 'any'}}, now=lambda: [{'text': 'Le septième vit.', 'at': __import__("
        "'ressort.core.clock', fromlist=['x']).service_now(), 'url': '', 'icon': 'home'}])\n"
    ),
    "urls.py": (
        "from django.http import HttpResponse\nfrom django.urls import path\nfrom ressort.web.doors import door\n"
        "app_name = 'seventh'\n"
        "urlpatterns = [path('seventh/', door('seventh.see')(lambda request: HttpResponse('ici')), name='home')]\n"
    ),
    "api.py": "from ninja import Router\nrouter = Router()\n",
}


def test_a_seventh_service_is_one_folder_and_one_setting(tmp_path):
    """Menu, door, facts, policy and addresses follow from its manifest: nothing else is touched."""
    folder = tmp_path / "services" / "seventh"
    folder.mkdir(parents=True)
    for name, text in SEVENTH.items():
        (folder / name).write_text(text, encoding="utf-8")
    code = (
        "import ressort.services\n"
        f"ressort.services.__path__.append({str(tmp_path / 'services')!r})\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from django.test import Client\n"
        "from tests import worlds; worlds.installation()\n"
        "page = Client(headers={'host': 'localhost'})\n"
        "home = page.get('/').content.decode()\n"
        "assert 'Entrer' in home and 'Le septième vit.' in home, home\n"
        "assert page.get('/seventh/').content == b'ici'\n"
        "print('ok')\n"
    )
    import os

    env = {
        **os.environ,
        "RESSORT_SERVICES": "transport,seventh",
        "RESSORT_DATA": str(tmp_path / "var"),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=env,
        cwd=ROOT,
    )
    assert done.stdout.strip().endswith("ok"), done.stderr[-3000:]


def test_a_service_that_is_not_installed_is_said_so():
    with pytest.raises(LookupError, match="n'est pas installé"):
        registry.service("unheard-of")
    with pytest.raises(LookupError, match="capacité"):
        registry.capability("unheard.of")


def test_the_policy_refuses_what_it_does_not_know():
    with pytest.raises(LookupError):
        policy.allowed(None, "no.such.verb")
    with pytest.raises(ValueError, match="unknown roles"):
        policy.register({"x.y": {"emperor": "any"}})
    with pytest.raises(ValueError, match="unknown scopes"):
        policy.register({"x.y": {"rider": "galaxy"}})


def test_settings_refuse_an_unknown_database():
    from django.core.exceptions import ImproperlyConfigured

    from ressort.config.settings import _database

    with pytest.raises(ImproperlyConfigured, match="mysql"):
        _database("mysql://host/base")
    assert _database("postgresql://a:b%40@h:5/c")["PASSWORD"] == "b@"
