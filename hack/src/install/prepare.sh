# Sourced by hack/up, hack/down and hack/test with their arguments and $help_text: the machine's Node and npm install the dependencies,
# which bring the Node that runs all else.
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

# The help needs neither Node nor any dependency.
for argument in "$@"; do
  if [[ $argument == -h || $argument == --help ]]; then
    cat "$help_text"
    exit 0
  fi
done

if ! command -v node >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
  echo "Node.js 20 or newer is needed to begin (found: $(node --version 2>/dev/null || echo none)); it then brings the version it pins by itself." >&2
  exit 1
fi
if ! command -v npm >/dev/null; then
  echo "npm is needed to begin, and it is not on PATH: it comes with Node.js." >&2
  exit 1
fi

npm_ci_limit=${SLUICE_NPM_CI_SECONDS:-900}
# npm says nothing until it has ended, which takes minutes on a busy machine: a line every so many seconds says that it is at work.
npm_ci_beat=${SLUICE_NPM_CI_BEAT_SECONDS:-15}

# In the foreground Ctrl-C reaches npm too; where no such `timeout` is, npm's own limits have to do.
limited() {
  if timeout --foreground 5 true 2>/dev/null; then timeout --foreground -k 10 "$npm_ci_limit" "$@"; else "$@"; fi
}

# Ends with this script, however that ends; the waits hold neither the terminal nor the lock.
tell_that_npm_works() {
  while sleep "$npm_ci_beat" >/dev/null 2>&1 9>&- && kill -0 $$ 2>/dev/null; do
    echo "..   install dependencies (npm ci) $((SECONDS - $1)) s" >&2
  done
}

install_dependencies() {
  if node hack/src/install/dependencies-match.mjs; then return; fi
  local log began beat status=0
  mkdir -p .cluster
  log="$PWD/.cluster/npm-ci.log"
  began=$SECONDS
  echo "..   install dependencies (npm ci)" >&2
  tell_that_npm_works "$began" 9>&- &
  beat=$!
  limited npm ci --no-audit --no-fund >"$log" 2>&1 9>&- || status=$?
  kill "$beat" 2>/dev/null || true
  wait "$beat" 2>/dev/null || true
  if ((status != 0)); then
    tail -n 15 "$log" >&2
    if ((status == 124 || status == 137)); then echo "npm ci did not end within $npm_ci_limit s: see that npm's registry answers" >&2; fi
    echo "npm ci failed after $((SECONDS - began)) s; the whole log is in $log" >&2
    exit 1
  fi
  rm -f "$log"
  rmdir .cluster 2>/dev/null || true
  echo "ok   install dependencies ($((SECONDS - began)) s)" >&2
}

# The lock lies on a file that is there anyway, so that none is left behind.
if command -v flock >/dev/null; then
  exec 9<package-lock.json
  if ! flock -n 9; then
    echo "..   another script installs the dependencies of this clone: waiting for it" >&2
    flock -w $((npm_ci_limit + 60)) 9 || { echo "the other script's npm ci has not ended after $((npm_ci_limit + 60)) s: end it, and run this again" >&2; exit 1; }
  fi
  install_dependencies
  exec 9<&-
else
  install_dependencies
fi
