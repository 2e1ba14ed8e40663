# Common parts of the tests: a server of our own to start, kill and start again, in a folder of
# its own. Read by the tests, not run. LSMBD_IT_STAND_IN=1 takes nbdkit with a file for the
# server, which keeps everything: so the tests themselves are tested.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(dirname "$here")
test_name=$(basename "$0")
seed=$((RANDOM << 15 | RANDOM))

# The comment at the head of a test is its help.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

fail() {
  echo "$test_name: $*" >&2
  exit 1
}

# options NAME=VALUE... -- ARGUMENT...: sets the variable NAME for an argument --NAME VALUE.
# VALUE is the default, and a flag where it is 'no'. Every test has --seed, --keep and --help.
options() {
  local -A known=([seed]=$seed [keep]=no)
  local name
  while [[ $1 != -- ]]; do
    known[${1%%=*}]=${1#*=}
    shift
  done
  shift
  for name in "${!known[@]}"; do declare -g "${name//-/_}=${known[$name]}"; done
  while (($#)); do
    [[ $1 != -h && $1 != --help ]] || { usage && exit; }
    name=${1#--}
    [[ $1 == --* && ${known[$name]+known} ]] || fail "no such option: $1 (see --help)"
    if [[ ${known[$name]} == no ]]; then
      declare -g "${name//-/_}=yes"
      shift
    else
      (($# >= 2)) || fail "$1 needs a value (see --help)"
      declare -g "${name//-/_}=$2"
      shift 2
    fi
  done
  RANDOM=$((seed % 32768))
  prepare
}

prepare() {
  tmp=$(mktemp -d "${TMPDIR:-/tmp}/lsmbd-it-$test_name.XXXXXX")
  trap clean_up EXIT
  trap 'exit 143' INT TERM
  data=$tmp/data
  server_log=$tmp/server.log
  server_options=()
  others=()  # servers beside ours, to end with it
  helpers=() # processes to end with the test, whatever happens
  read -r port admin_port < <(free_ports)
  uri=nbd://127.0.0.1:$port/vol1
  echo "seed $seed"
}

clean_up() {
  local status=$? helper
  for helper in "${helpers[@]}"; do kill "$helper" 2>/dev/null || true; done
  for helper in "${others[@]}"; do kill -9 "$helper" 2>/dev/null || true; done
  if [[ ${server_pid:-} ]]; then
    kill -9 "$server_pid" 2>/dev/null || true
    wait "$server_parent" || true
  fi
  if ((status == 0)) && [[ $keep == no ]]; then
    rm -rf "$tmp"
  else
    echo "$test_name: kept $tmp (seed $seed)" >&2
  fi
  exit "$status"
}

free_ports() {
  python3 -c '
import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])'
}

# The distribution's python3 has the libnbd module; another one that comes first in PATH has not.
python=/usr/bin/python3

checker() {
  PYTHONDONTWRITEBYTECODE=1 "$python" "$here/checker/$1.py" "${@:2}"
}

# Seconds with a fraction.
now() { echo "$EPOCHREALTIME"; }
since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }'; }

launch_server() {
  if [[ ${LSMBD_IT_STAND_IN:-} ]]; then
    mkdir -p "$data/store"
    truncate -s 10G "$data/store/disk"
    exec nbdkit -f -i 127.0.0.1 -p "$port" file "$data/store/disk"
  fi
  exec "$repo/dev" run --data-dir "$data" --nbd.listen "127.0.0.1:$port" \
    --admin.listen "127.0.0.1:$admin_port" "${server_options[@]}" "$@"
}

# spawn_server [OPTION...]: starts it and returns at once.
spawn_server() {
  server_started=$EPOCHREALTIME
  # A shell between us keeps bash from telling of every kill.
  rm -f "$tmp/pid"
  {
    launch_server "$@" </dev/null >>"$server_log" 2>&1 &
    echo $! >"$tmp/pid.new" && mv "$tmp/pid.new" "$tmp/pid"
    status=0
    wait $! || status=$?
    echo "(the server ended with status $status)" >>"$server_log"
    exit "$status"
  } 2>/dev/null &
  server_parent=$!
  until [[ -e $tmp/pid ]]; do sleep 0.01; done
  server_pid=$(<"$tmp/pid")
}

is_ready() {
  if [[ ${LSMBD_IT_STAND_IN:-} ]]; then
    (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null
  else
    curl -sf -o /dev/null --max-time 5 "http://127.0.0.1:$admin_port/readyz"
  fi
}

# A build may come first, and a lease of the lost host may have to run out.
wait_ready() {
  local limit=$((SECONDS + 300))
  until is_ready; do
    kill -0 "$server_pid" 2>/dev/null || die_with_log "the server ended before it was ready"
    ((SECONDS < limit)) || die_with_log "the server is not ready after 300 s"
    sleep 0.05
  done
  ready_after=$(since "$server_started")
}

start_server() {
  spawn_server "$@"
  wait_ready
}

die_with_log() {
  tail -n 30 "$server_log" >&2
  fail "$*"
}

# The Java process itself has this number: everything before it on the way was an exec.
wait_for_java() {
  local name
  until name=$(cat "/proc/$server_pid/comm" 2>/dev/null) && [[ $name =~ ^(java|nbdkit)$ ]]; do
    kill -0 "$server_pid" 2>/dev/null || die_with_log "the server ended at once"
    sleep 0.01
  done
}

reap_server() {
  local status=0
  wait "$server_parent" || status=$?
  server_pid=
  return "$status"
}

crash_server() {
  kill -9 "$server_pid"
  reap_server || true
}

# stop_server: cleanly, as by an operator.
stop_server() {
  local status=0
  kill -TERM "$server_pid"
  reap_server || status=$?
  [[ $status -eq 0 || $status -eq 143 ]] || die_with_log "SIGTERM ended with status $status"
}

# Starts the server and kills it again somewhere in its recovery.
crash_in_recovery() {
  spawn_server
  wait_for_java
  sleep "$(printf '0.%03d' $((RANDOM % 900)))"
  if ! kill -9 "$server_pid" 2>/dev/null; then die_with_log "the server ended in recovery"; fi
  reap_server || true
}

lose_index() { rm -rf "$data/index"; }

# Nothing stays of the host but what the object store has.
lose_host() { find "$data" -mindepth 1 -maxdepth 1 ! -name store -exec rm -rf {} +; }
