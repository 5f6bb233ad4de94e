#!/usr/bin/env bash
# Builds SQLite3MultipleCiphers as a shared library, once for what is in this folder, and prints its path.
# The source comes from npm, as package-lock.json says; no script of a package runs. Exit code 3: there is no C compiler.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
compiler=$(command -v "${CC:-cc}" || command -v gcc || command -v clang) || { echo "No C compiler was found: install gcc or clang, or set CC." >&2; exit 3; }
# Optimised little: the tests' files are small, and a build has to be quick.
flags=(-shared -fPIC -O1 -DSQLITE_THREADSAFE=1)
fingerprint=$({ cat "$here/package-lock.json"; "$compiler" --version; echo "${flags[*]}"; } | cksum | tr ' ' '-')
library="$here/obj/$fingerprint/libsqlite3mc.so"
if [ ! -e "$library" ]; then
  # In a folder of its own: another run may build at the same time, and the last one wins.
  mkdir -p "$here/obj/$fingerprint"
  work=$(mktemp -d "$here/obj/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work"
  (cd "$work" && npm ci --loglevel=error) >&2
  "$compiler" "${flags[@]}" -o "$work/library" "$work/node_modules/better-sqlite3-multiple-ciphers/deps/sqlite3/sqlite3.c" -lm -lpthread -ldl >&2
  mv "$work/library" "$library"
fi
echo "$library"
