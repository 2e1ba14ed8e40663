# Clients that reconnect find every write that was answered, and see no error. See it/interop.
# shellcheck shell=bash

# answered VOLUME N: the server has answered that many writes to it since it started.
answered() {
  curl -sf "http://127.0.0.1:$admin_port/metrics" | awk -v volume="volume=\"$1\"" -v wanted="$2" '
    /^lsmbd_nbd_requests_total.*op="write"/ && index($0, volume) { sum += $NF }
    END { exit sum < wanted }'
}

# QEMU's own reconnection, as options for its tools. More patience than the document has: this
# machine may be very busy.
patience=600
reconnecting() {
  echo "driver=nbd,server.type=inet,server.host=127.0.0.1,server.port=$port,export=$1,\
reconnect-delay=$patience,open-timeout=$patience"
}

# Writes with another pattern each time, and reads it, until the file stop is there.
bench_until_stopped() {
  local pattern=1 count=20000
  until [[ -e $tmp/stop ]]; do
    qemu-img bench -w -c $count -d 16 -s 4096 --pattern $pattern --image-opts "$(reconnecting "$1")"
    qemu-io -r -c "read -P $pattern 0 $((count * 4096))" --image-opts "$(reconnecting "$1")"
    pattern=$((pattern % 255 + 1))
  done
}

# Two loads while the server is killed and stopped in turn: random requests on four connections
# over the reconnecting proxy of the document; and QEMU's own reconnection.
part_restart() {
  local volume=rw-restart proxy load bench round slowest=0
  mkdir -p "$tmp/run"
  bash -c "exec $(recipe proxy | sed "s/delay=120/delay=$patience/")" >"$tmp/proxy.log" 2>&1 &
  proxy=$!
  helpers+=("$proxy")
  wait_for "the proxy" test -S "$tmp/run/proxy.sock"
  checker stress "nbd+unix:///?socket=$tmp/run/proxy.sock" "$tmp/stress" load --after "$requests" \
    --until "$tmp/stop" --seed "$seed" --area $((16 << 20)) >"$tmp/load.log" 2>&1 &
  load=$!
  bench_until_stopped rw-bench >"$tmp/bench.log" 2>&1 &
  bench=$!
  helpers+=("$load" "$bench")
  for ((round = 1; round <= restarts; round++)); do
    within=$patience wait_for "load on $volume" answered $volume "$requests"
    within=$patience wait_for "load on rw-bench" answered rw-bench "$requests"
    { kill -0 $load && kill -0 $bench; } \
      || fail "a load ended too early: $(cat "$tmp/load.log" "$tmp/bench.log")"
    if ((round % 2)); then crash_server; else stop_server; fi
    start_server
    slowest=$(awk "BEGIN { print ($ready_after > $slowest) ? $ready_after : $slowest }")
  done
  touch "$tmp/stop"
  wait $load || fail "a request over the proxy failed: $(<"$tmp/load.log") $(<"$tmp/proxy.log")"
  wait $bench || fail "a request of QEMU failed: $(<"$tmp/bench.log")"
  kill $proxy
  wait $proxy || true
  checker stress "$(at "$tcp" $volume)" "$tmp/stress" check
  say restart "$((restarts - restarts / 2)) kills, $((restarts / 2)) stops under load: nothing lost,\
 no error over the proxy, none in QEMU; ready after $slowest s"
  awk "BEGIN { exit !($slowest <= $ready_within) }" || fail "ready only after $slowest s"
}
