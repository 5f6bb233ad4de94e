#!/usr/bin/env bash
# Runs more than CI does, for hours if wanted.
#   eng/soak.sh fuzz [N]                      N cases (1,000,000 by default) of each fuzz test
#   eng/soak.sh shapes [N] [first seed]       N shapes (5,000 by default) from a seed on (1,001 by default), in rounds of 250; needs PostgreSQL
#   eng/soak.sh simulation [N] [first seed]   N seeds (100,000 by default) of each simulation from a seed on (1,001 by default), in rounds of 1,000
#   eng/soak.sh mutants [OPTIONS]             how many seeds each fault planted for the simulations takes until one notices; see eng/simulation-mutants.mjs
# What is broken is printed as it comes; the last line has the seeds, each to be replayed with SHAPE_SEED, or SIMULATION_SEEDS=seed-seed.
# SOAK_LOG names a folder that keeps each round's whole output. The exit code is 1 when anything was broken.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 2
}

mode=${1:-}
if [ "$mode" = fuzz ]; then
  [[ "${2:-1000000}" =~ ^[1-9][0-9]*$ ]] || usage
  cd "$root"
  need_dotnet
  dotnet build tests/Agent.Sync.Tests -c Release -nologo -v q
  FUZZ_CASES=${2:-1000000} exec tests/Agent.Sync.Tests/bin/Release/net10.0/Agent.Sync.Tests --filter-class '*FuzzTests' --no-ansi --progress off
fi

case "$mode" in
  mutants)
    need_dotnet
    need_node
    exec node "$root/eng/simulation-mutants.mjs" "${@:2}"
    ;;
  shapes) count=${2:-5000} round=250 project=Agent.Sync.ShapeTests variable=SHAPE_SEEDS filter='*ShapeTests' ;;
  simulation) count=${2:-100000} round=1000 project=Agent.Sync.SimulationTests variable=SIMULATION_SEEDS filter='*SimulationTests' ;;
  *) usage ;;
esac
first=${3:-1001}
[[ "$count" =~ ^[1-9][0-9]*$ ]] && [[ "$first" =~ ^[0-9]+$ ]] || usage

# seeds FILE: the seeds that a round's output names as broken.
seeds() {
  if [ "$mode" = shapes ]; then
    sed -n 's/^failed .*(seed: \([0-9]*\)).*/\1/p' "$1"
  else
    sed -n 's/.*Seeds that break: \([0-9 ]*\)\..*/\1/p' "$1" | tr ' ' '\n' | sort -nu
  fi | tr '\n' ' '
}

cd "$root"
need_dotnet
if [ "$mode" = shapes ]; then
  need_node
  if ! offer_postgres; then
    echo "Shapes need PostgreSQL: install it (Debian: apt-get install postgresql) or set PGBIN" >&2
    exit 1
  fi
fi

dotnet build "tests/$project" -c Release -nologo -v q
# A copy: the tree may be built again meanwhile.
logs=${SOAK_LOG:-$(mktemp -d)}
mkdir -p "$logs"
program=$(mktemp -d)
trap 'rm -rf "$program"; [ -n "${SOAK_LOG:-}" ] || rm -rf "$logs"' EXIT
cp -r "tests/$project/bin/Release/net10.0/." "$program"

last=$((first + count - 1)) done=0 broken=""
for ((from = first; from <= last; from += round)); do
  to=$((from + round - 1))
  if [ "$to" -gt "$last" ]; then to=$last; fi
  log="$logs/$from-$to.txt"
  rc=0
  env "$variable=$from-$to" "$program/$project" --filter-class "$filter" --no-ansi --progress off </dev/null >"$log" 2>&1 || rc=$?
  if [ "$rc" -ne 0 ]; then
    found=$(seeds "$log")
    if [ -z "$found" ]; then
      tail -20 "$log" >&2
      echo "The runner ended with exit code $rc and named no seed" >&2
      exit 1
    fi
    broken="$broken$found"
    sed -n '/^failed /,$p' "$log"
  fi
  done=$((done + to - from + 1))
  echo "== $mode $from to $to: $done of $count done, $(wc -w <<<"$broken") broken"
done

echo "$done seeds of $mode, $(wc -w <<<"$broken") broken${broken:+: $broken}"
[ -z "$broken" ]
