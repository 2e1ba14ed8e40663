# Common parts of the tests with ordinary clients. Read by them after lib.sh, not run.
# shellcheck shell=bash

. "$here/recipe.sh"
passed=() skipped=()

# say CLIENT TEXT: what was checked, in one line.
say() {
  printf '%-15s %s\n' "$1" "$2"
  passed+=("$1")
}

skip() {
  printf '%-15s SKIPPED: %s\n' "$1" "$2"
  skipped+=("$1: $2")
}

# The last line, which it/run shows.
summary() {
  local names
  names=$(printf '%s\n' "${passed[@]}" | awk '!seen[$0]++' | paste -sd, | sed 's/,/, /g')
  echo "$names${skipped:+; SKIPPED: $(printf '%s; ' "${skipped[@]}" | sed 's/; $//')}"
}

# at ROOT VOLUME: the volume's URI below tcp or unix.
at() {
  case $1 in
    *\?*) echo "${1%\?*}/$2?${1#*\?}" ;;
    *) echo "$1/$2" ;;
  esac
}

# expect WORD COMMAND...: the command succeeds and prints the word.
expect() {
  local word=$1
  shift
  LC_ALL=C "$@" >"$tmp/said" 2>&1 || { cat "$tmp/said" >&2 && fail "$* failed"; }
  grep -qF -- "$word" "$tmp/said" || { cat "$tmp/said" >&2 && fail "$*: no '$word'"; }
}

# expect_failure WORD COMMAND...: it fails, in some seconds, and prints the word.
expect_failure() {
  local word=$1
  shift
  ! LC_ALL=C timeout 30 "$@" >"$tmp/said" 2>&1 || fail "$* was to fail"
  grep -qF -- "$word" "$tmp/said" || { cat "$tmp/said" >&2 && fail "$*: no '$word'"; }
}

# json EXPRESSION: of d, which $tmp/json holds; its values in one line.
json() {
  /usr/bin/python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($1)" "$tmp/json"
}

# nbdsh STATEMENT: with the checkers at hand, which are modules for it.
nbdsh() {
  PYTHONPATH=$here/checker PYTHONDONTWRITEBYTECODE=1 "$python" -m nbd -c "import ${1%%.*}; $1"
}

# wait_for WHAT COMMAND...: until the command succeeds; for $within seconds, if set.
wait_for() {
  local what=$1 within=${within:-60}
  local limit=$((SECONDS + within))
  shift
  until "$@"; do
    ((SECONDS < limit)) || fail "$what is not there after $within s"
    sleep 0.05
  done
}

# recipe NAME: a block of docs/ATTACH.md, with this test's server, volume and folders in it.
recipe() {
  recipe_of "$repo/docs/ATTACH.md" "$1" \
    | sed -e "s#nbd\.example\.org#${recipe_host:-localhost}#g; s#10809#$port#g" \
      -e "s#vol1#${volume:-vol1}#g; s#/run/lsmbd/#$tmp/run/#g; s#/etc/lsmbd/tls#$tmp/tls/client#g"
}
