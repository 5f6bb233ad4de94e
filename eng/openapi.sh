#!/usr/bin/env bash
# Writes docs/openapi.json: every request that the library sends, for the sample's tables.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
need_dotnet
announce_build eng/ApiContract ApiContract
exec dotnet run -c Release --project "$root/eng/ApiContract" -- "$root/docs/openapi.json"
