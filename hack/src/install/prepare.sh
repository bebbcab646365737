# Sourced by hack/up, hack/down and hack/test: the machine's Node and npm install the dependencies, which bring the Node that runs all else.
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

if ! command -v node >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
  echo "Node.js 20 or newer is needed to begin (found: $(node --version 2>/dev/null || echo none)); it then brings the version it pins by itself." >&2
  exit 1
fi
if ! command -v npm >/dev/null; then
  echo "npm is needed to begin, and it is not on PATH: it comes with Node.js." >&2
  exit 1
fi

install_dependencies() {
  if node hack/src/install/dependencies-match.mjs; then return; fi
  local log began
  mkdir -p .cluster
  log="$PWD/.cluster/npm-ci.log"
  began=$SECONDS
  echo "..   install dependencies (npm ci)" >&2
  if ! npm ci --no-audit --no-fund >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "npm ci failed after $((SECONDS - began)) s; the whole log is in $log" >&2
    exit 1
  fi
  echo "ok   install dependencies ($((SECONDS - began)) s)" >&2
}

if command -v flock >/dev/null; then
  mkdir -p .cluster
  exec 9>.cluster/npm-ci.lock
  flock 9
  install_dependencies
  exec 9>&-
else
  install_dependencies
fi
