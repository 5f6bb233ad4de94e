# Sourced by the scripts of this folder, with root set: what has to be there, and what can be put there.

# Nothing is left running: no compiler server, no waiting build nodes.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

need_dotnet() {
  if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    echo "The .NET 10 SDK is needed: install it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
  fi
}

# announce_build PROJECT ASSEMBLY: dotnet run builds in silence, and the first build takes a minute or two.
announce_build() {
  if [ ! -e "$root/$1/bin/Release/net10.0/$2.dll" ]; then echo "Building $1 (the first time takes a minute or two)..." >&2; fi
}

need_node() {
  local major
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9][0-9]*\)\..*/\1/p' || true)
  if [ -z "$major" ] || [ "$major" -lt 20 ]; then
    echo "Node.js 20 or newer is needed: install it from https://nodejs.org" >&2
    exit 1
  fi
}

has_postgres() {
  local dir
  for dir in "${PGBIN:-}" /usr/lib/postgresql/*/bin; do
    if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then return 0; fi
  done
  command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1
}

# Installs Debian packages where that needs no question.
apt_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then return 1; fi
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold "$@"; } >/dev/null </dev/null
}

has_linker() {
  { command -v clang || command -v gcc; } >/dev/null 2>&1 && { [ "$(uname)" = Darwin ] || [ -e /usr/include/zlib.h ]; }
}

# Native compilation links with the platform's compiler and zlib; true when they are there afterwards.
offer_linker() {
  if has_linker; then return 0; fi
  echo "Installing a linker for the native smoke test (once)..." >&2
  apt_install gcc libc6-dev zlib1g-dev && has_linker
}

# Installs PostgreSQL's programs where that needs no question; true when they are there afterwards.
offer_postgres() {
  if has_postgres; then return 0; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then return 1; fi
  echo "Installing PostgreSQL (once)..." >&2
  # Debian would create a cluster and start it on port 5432; only the programs are wanted.
  mkdir -p /etc/postgresql-common
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  fi
  apt_install postgresql && has_postgres
}
