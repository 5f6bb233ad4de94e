#!/usr/bin/env bash
# Builds and tests everything. Arguments go to every test project, e.g. --filter-class '*CursorTests'.
# The last line is "N passed, N failed", with ", N skipped" when there are any. With CI set, packages are restored as
# locked and PostgreSQL is mandatory.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
cd "$root"
need_dotnet
need_node
if [ -n "${CI:-}" ]; then export CI=true; fi
if ! offer_postgres; then
  if [ -n "${CI:-}" ]; then
    echo "PostgreSQL is mandatory with CI set: install it (Debian: apt-get install postgresql) or set PGBIN" >&2
    exit 1
  fi
  echo "PostgreSQL was not found: using PGlite; the tests that need two sessions are skipped." >&2
fi

passed=0 failed=0 skipped=0 summary=""
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

note() { summary="$summary$1"$'\n'; echo "== $1"; }

finish() {
  echo
  printf '%s' "$summary"
  if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  if [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; then exit 0; else exit 1; fi
}

# step NAME COMMAND...: a step that is no test but can fail the run.
step() {
  local name=$1 start=$SECONDS rc=0
  shift
  echo "== $name"
  "$@" </dev/null || rc=$?
  if [ "$rc" -eq 0 ]; then note "$name: $((SECONDS - start)) s"; return 0; fi
  failed=$((failed + 1))
  note "$name: FAILED (exit code $rc) after $((SECONDS - start)) s"
  return 1
}

# total FILE ATTRIBUTE: the sum over the report's suites.
total() {
  { grep -o '<testsuite [^>]*' "$1" || true; } | sed -n "s/.* $2=\"\([0-9][0-9]*\)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

suite() {
  local project=$1 name report start=$SECONDS rc=0 tests good bad left_out
  shift
  name=$(basename "$project" .csproj)
  report="$results/$name.xml"
  echo "== $name"
  dotnet "$(dirname "$project")/bin/Release/net10.0/$name.dll" --report-xunit-junit --report-xunit-junit-filename "$name.xml" \
    --results-directory "$results" --no-ansi --progress off --timeout 25m "$@" </dev/null || rc=$?
  if [ ! -s "$report" ]; then
    failed=$((failed + 1))
    note "$name: FAILED, the runner ended without a report (exit code $rc) after $((SECONDS - start)) s"
    return
  fi
  left_out=$(($(total "$report" skipped) + $(total "$report" disabled)))
  tests=$(total "$report" tests)
  good=$((tests - $(total "$report" failures) - left_out))
  bad=$(($(total "$report" failures) + $(total "$report" errors)))
  # Exit code 8 says that no test was found. A filter may well leave a project without any.
  if [ "$tests" -eq 0 ] && [ "$filtered" = yes ] && [ "$rc" -eq 8 ]; then
    note "$name: no test fits the filter"
    return
  fi
  if [ "$bad" -eq 0 ] && { [ "$tests" -eq 0 ] || [ "$rc" -ne 0 ]; }; then
    bad=1
    echo "$name: $tests tests, none failed, and the runner ended with exit code $rc" >&2
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + left_out))
  note "$name: $good passed, $bad failed, $left_out skipped in $((SECONDS - start)) s"
}

# The native app's exit code is the verdict. It needs the platform's linker.
native() {
  local start=$SECONDS name=Agent.Sync.AotSmokeTest rc=0
  if ! offer_linker; then
    skipped=$((skipped + 1))
    note "$name: skipped, native compilation needs clang or gcc, and zlib's header"
    return
  fi
  echo "== $name"
  { dotnet publish "tests/$name/$name.csproj" -c Release -o "$results/native" -nologo -v q && AGENT_SYNC_LOCAL_BACKEND="$root/eng/backend" "$results/native/$name"; } </dev/null || rc=$?
  if [ "$rc" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  note "$name: exit code $rc in $((SECONDS - start)) s"
}

filtered=no
if [ $# -gt 0 ]; then filtered=yes; fi

step "restore" dotnet restore Agent.Sync.sln -v q || finish
step "build" dotnet build Agent.Sync.sln -c Release --no-restore -warnaserror -nologo -v q || finish
step "format" dotnet format Agent.Sync.sln --verify-no-changes --no-restore || true
for project in tests/*/*Tests.csproj; do suite "$project" "$@"; done
if [ "$filtered" = no ]; then native; fi
# One operation of each benchmark, so that none of them is broken when it is wanted.
if [ "$filtered" = no ]; then
  step "benchmarks" dotnet benchmarks/Agent.Sync.Benchmarks/bin/Release/net10.0/Agent.Sync.Benchmarks.dll smoke || true
fi
if [ "$filtered" = no ]; then step "site" eng/site.sh --no-build || true; fi
finish
