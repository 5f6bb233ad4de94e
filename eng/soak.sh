#!/usr/bin/env bash
# Runs more than CI does, for hours if wanted.
#   eng/soak.sh fuzz [N]                  N cases (1,000,000 by default) of each fuzz test
#   eng/soak.sh shapes [N] [first seed]   N shapes (5,000 by default) from a seed on (1,001 by default), in rounds of 250
# What is broken is printed as it comes; the last line has the seeds, each to be replayed with SHAPE_SEED.
# SOAK_LOG names a folder that keeps each round's whole output. The exit code is 1 when anything was broken.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 2
}

if [ "${1:-}" = fuzz ]; then
  [[ "${2:-1000000}" =~ ^[1-9][0-9]*$ ]] || usage
  cd "$root"
  need_dotnet
  dotnet build tests/Agent.Sync.Tests -c Release -nologo -v q
  FUZZ_CASES=${2:-1000000} exec tests/Agent.Sync.Tests/bin/Release/net10.0/Agent.Sync.Tests --filter-class '*FuzzTests' --no-ansi --progress off
fi

[ "${1:-}" = shapes ] || usage
count=${2:-5000} first=${3:-1001} round=250
[[ "$count" =~ ^[1-9][0-9]*$ ]] && [[ "$first" =~ ^[0-9]+$ ]] || usage

cd "$root"
need_dotnet
need_node
if ! offer_postgres; then
  echo "Shapes need PostgreSQL: install it (Debian: apt-get install postgresql) or set PGBIN" >&2
  exit 1
fi

dotnet build tests/Agent.Sync.ShapeTests -c Release -nologo -v q
program=tests/Agent.Sync.ShapeTests/bin/Release/net10.0/Agent.Sync.ShapeTests
logs=${SOAK_LOG:-$(mktemp -d)}
mkdir -p "$logs"
[ -n "${SOAK_LOG:-}" ] || trap 'rm -rf "$logs"' EXIT

last=$((first + count - 1)) done=0 broken=""
for ((from = first; from <= last; from += round)); do
  to=$((from + round - 1))
  if [ "$to" -gt "$last" ]; then to=$last; fi
  log="$logs/$from-$to.txt"
  rc=0
  SHAPE_SEEDS=$from-$to "$program" --filter-class '*ShapeTests' --no-ansi --progress off </dev/null >"$log" 2>&1 || rc=$?
  if [ "$rc" -ne 0 ]; then
    seeds=$(sed -n 's/^failed .*(seed: \([0-9]*\)).*/\1/p' "$log" | tr '\n' ' ')
    if [ -z "$seeds" ]; then
      tail -20 "$log" >&2
      echo "The runner ended with exit code $rc and named no seed" >&2
      exit 1
    fi
    broken="$broken$seeds"
    sed -n '/^failed /,$p' "$log"
  fi
  done=$((done + to - from + 1))
  echo "== shapes $from to $to: $done of $count done, $(wc -w <<<"$broken") broken"
done

echo "$done shapes, $(wc -w <<<"$broken") broken${broken:+: $broken}"
[ -z "$broken" ]
