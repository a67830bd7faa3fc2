#!/usr/bin/env bash
# What CI checks besides the suite. Every check runs, then the sum is said.
set -u
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" DJANGO_SETTINGS_MODULE=tests.settings
failed=()
step() { # name, command
  local name=$1; shift
  if out=$("$@" 2>&1); then echo "ok      $name"; else echo "ÉCHEC   $name"; echo "$out" | tail -n 40; failed+=("$name"); fi
}
step "ruff format" ruff format --check .
step "ruff lint" ruff check .
step "mypy" mypy src/ressort
step "import-linter" lint-imports
step "djlint" djlint src/ressort --lint --quiet
step "migrations" python -m django makemigrations --check --dry-run
step "file sizes" python tools/sizes.py
if command -v xgettext >/dev/null; then step "sentences extracted" tools/messages.sh --check
else echo "passé   sentences extracted (il manque le paquet gettext)"; fi
step "locked requirements" tools/lock.sh --check
if [ ${#failed[@]} -gt 0 ]; then echo; echo "${#failed[@]} vérification(s) en échec : ${failed[*]}"; exit 1; fi
