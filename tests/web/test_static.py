"""Static files: the manifest builds, nothing comes from elsewhere, the home page is light."""

import gzip
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import engines
from django.test import override_settings

import ressort.web

WEB = Path(ressort.web.__file__).parent
STATIC = WEB / "static"
VENDOR = STATIC / "vendor"
BUDGET = 150_000  # bytes, compressed, before the map

vendored = pytest.mark.skipif(
    not VENDOR.exists(), reason="front-end packages are not installed (tools/front.py)"
)


def sources():
    files = [*WEB.rglob("templates/**/*.html"), *(STATIC / "web").glob("*.[!p]*")]
    assert len(files) > 30
    return files


@pytest.mark.parametrize("file", sources(), ids=lambda path: path.name)
def test_no_page_asks_anything_of_a_third_party(file):
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(
        r"""(?:src|href|url|import|fetch|from)\s*[=(:]?\s*["'(]?\s*(?:https?:)?//[a-z]""", text
    )


@pytest.mark.parametrize("file", sources(), ids=lambda path: path.name)
def test_files_stay_short(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) < 400


@pytest.fixture
def collected(tmp_path):
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "ressort.web.storage.StaticStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield tmp_path


@vendored
def test_the_manifest_builds_and_modules_find_each_other(collected):
    shell = next(collected.glob("web/shell.*.js")).read_text(encoding="utf-8")
    imported = re.findall(r'from "\./([\w.-]+)"', shell)
    assert imported
    assert all(
        (collected / "web" / name).exists() and re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported
    )
    font = re.search(
        r'url\("\.\./(vendor/atkinson/latin\.[0-9a-f]{12}\.woff2)"\)',
        next(collected.glob("web/tokens.*.css")).read_text(),
    )
    assert font
    assert (collected / font[1]).exists()


@vendored
@pytest.mark.django_db
def test_the_home_page_weighs_less_than_150_kb_before_the_map(collected, client):
    engines["django"].engine.template_loaders[0].reset()
    html = client.get("/").content
    total = len(gzip.compress(html))
    wanted = set(re.findall(rb'(?:href|src)="/static/([^"]+)"', html))
    seen = set()
    while wanted:
        name = wanted.pop().decode()
        seen.add(name)
        data = (collected / name).read_bytes()
        total += len(data) if name.endswith(".woff2") else len(gzip.compress(data))
        folder = Path(name).parent
        if name.endswith(".js"):
            found = {str(folder / part) for part in re.findall(r'from "\./([\w.-]+)"', data.decode())}
            wanted |= {one.encode() for one in found - seen}
    assert any(name.endswith(".css") for name in seen)
    assert any(name.endswith(".woff2") for name in seen)
    assert total < BUDGET
