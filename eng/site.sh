#!/usr/bin/env bash
# Builds the site of the docs and the API into artifacts/site/html. A link that leads nowhere fails it. --no-build takes what is built in Release.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
cd "$root"
need_dotnet
need_node
site="$root/artifacts/site"
# This project's output has every library, its documentation and what it refers to.
if [ "${1:-}" != --no-build ]; then dotnet build tests/Agent.Sync.Tests -c Release -nologo -v q; fi
dotnet tool restore >/dev/null
rm -rf "$site"
node eng/site/stage.mjs "$root" "$site/stage"
dotnet docfx "$site/stage/docfx.json" --warningsAsErrors --logLevel warning
node eng/site/check.mjs "$site/html"
echo "The site is in $site/html"
