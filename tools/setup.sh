#!/usr/bin/env bash
# Install everything into the checkout. Each step leaves a stamp and is skipped while its inputs do not change.
# usage: tools/setup.sh [dev | demo]    (dev: the tools too; demo: engines are compiled while the demonstration is made)
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-runtime}
stamps=.venv/stamps
bin=.venv/bin
total=5

say() { printf '\033[1m[%s/%s]\033[0m %s\n' "$1" "$total" "$2"; }
fail() { printf '\n%s\n' "$1" >&2; exit 1; }
digest() { cat "$@" | sha256sum | cut -c1-16; }
stale() { [ "$(cat "$stamps/$1" 2>/dev/null)" != "$2" ]; }
mark() { mkdir -p "$stamps"; echo "$2" > "$stamps/$1"; }

free=$(df -Pk . | awk 'NR==2 {print int($4/1024)}')
if [ "$free" -lt 1500 ] && [ ! -x $bin/ressort ]; then
  fail "Il reste $free Mo sur ce disque : l'installation en demande 1 500. Libérez de la place, puis relancez."
fi

if [ ! -x $bin/python ]; then
  python=$(tools/find-python.sh)
  say 1 "Environnement Python ($("$python" -V 2>&1))"
  "$python" -m venv .venv || fail "L'environnement .venv n'a pas pu être créé. Sous Debian : sudo apt install python3-venv."
fi

packages=$(digest requirements/runtime.txt requirements/build.txt)
if stale runtime "$packages"; then
  say 2 "Bibliothèques Python (versions et empreintes verrouillées)"
  $bin/python -m pip install -qq --disable-pip-version-check --require-hashes \
    -r requirements/runtime.txt -r requirements/build.txt \
    || fail "Le téléchargement des bibliothèques a échoué (réseau, miroir ou empreinte). Relancez : ce qui est déjà là est gardé."
  mark runtime "$packages"
fi
tools=$(digest requirements/dev.txt)
if [ "$kind" = dev ] && stale dev "$tools"; then
  say 2 "Outils de développement"
  $bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt \
    || fail "Le téléchargement des outils a échoué (réseau, miroir ou empreinte). Relancez : ce qui est déjà là est gardé."
  mark dev "$tools"
fi
project=$(digest pyproject.toml)
if stale project "$project"; then
  $bin/python -m pip install -qq --disable-pip-version-check --no-build-isolation --no-deps -e . \
    || fail "L'installation du projet dans .venv a échoué : voyez le message ci-dessus."
  mark project "$project"
fi

front=$(digest package-lock.json tools/front.py)
if stale front "$front" || [ ! -d src/ressort/web/static/vendor ]; then
  say 3 "Carte, polices et découpage administratif (npm)"
  npm=$(command -v npm || true)
  if [ -z "$npm" ] || ! "$npm" --version >/dev/null 2>&1; then
    $bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/node.txt \
      || fail "Ni npm ni son remplaçant n'ont pu être installés. Installez Node.js 20 ou plus récent, puis relancez."
    export PATH="$PWD/.venv/bin:$PATH"
  fi
  npm ci --silent --no-audit --no-fund \
    || fail "Le téléchargement des paquets de la carte a échoué. Vérifiez le réseau, puis relancez."
  $bin/python tools/front.py
  mark front "$front"
fi

engines=$(find src/ressort/engines src/ressort/units.py -name '*.py' -print0 | sort -z | xargs -0 cat | sha256sum | cut -c1-16)
if stale engines "$engines"; then
  if [ "$kind" = demo ]; then
    say 4 "Compilation des moteurs (une fois, pendant que la démonstration se prépare)"
    # On a core of its own; should it fail, what needs an engine compiles it, and says why it cannot.
    ( $bin/python -m ressort.cli warm >/dev/null 2>&1 && mark engines "$engines" ) &
  else
    say 4 "Compilation des moteurs (une fois, 30 à 60 s)"
    $bin/python -m ressort.cli warm
    mark engines "$engines"
  fi
fi

static=$(find src/ressort -path '*/static/*' -type f -print0 | sort -z | xargs -0 sha256sum | digest -)
if stale static "$static" || [ ! -d "${RESSORT_DATA:-var}/static" ]; then
  say 5 "Fichiers statiques"
  $bin/python -m ressort.cli collect
  mark static "$static"
fi
