#!/usr/bin/env bash
# Print the first Python that is new enough. Each candidate is run: a version manager's shim can exist and not work.
set -u
candidates=(python3.13 python3.14 python3.12 python3)
for root in "${PYENV_ROOT:-$HOME/.pyenv}" "$HOME/.local/share/uv/python"; do
  for found in $(ls -d "$root"/versions/3.1[2-9]*/bin/python "$root"/cpython-3.1[2-9]*/bin/python3 2>/dev/null | sort -rV); do
    [ -x "$found" ] && candidates+=("$found")
  done
done
for candidate in "${candidates[@]}"; do
  if "$candidate" -c 'import sys, venv, sqlite3; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
    "$candidate" -c 'import sys; print(sys.executable)'
    exit 0
  fi
done
cat >&2 <<'SAY'
Ressort demande Python 3.12 ou plus récent, avec les modules venv et sqlite3 : aucun n'a été trouvé.
  Debian 13, Ubuntu 24.04 : sudo apt install python3 python3-venv
  ailleurs                : https://www.python.org/downloads/ ou pyenv
Puis relancez la même commande.
SAY
exit 1
