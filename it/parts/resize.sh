# A volume that grows and shrinks, as its clients see it. See it/interop.
# shellcheck shell=bash

resize() { "$repo/dev" lsmctl --endpoint "http://127.0.0.1:$admin_port" volume resize "$@"; }

# What was written stays, what is gained is zero; also after a kill.
part_resize() {
  local volume
  volume=$(at "$tcp" rw-resize)
  nbdcopy "$image" "$volume"
  expect "$((mib * 3)) MiB" resize rw-resize "$((mib * 3))MiB"
  [[ $(nbdinfo --size "$volume") == $((image_size * 3)) ]] || fail "nbdinfo --size after growth"
  expect "$((image_size * 3)) bytes" qemu-img info "$volume"
  qemu-img compare -q -f raw -F raw "$image" "$volume" || fail "growth has changed the data"
  qemu-io -f raw -c "write -P 7 $((image_size * 2)) 64k" "$volume" >/dev/null

  ! resize rw-resize "${mib}MiB" >"$tmp/refused" 2>&1 || fail "shrunk over data"
  expect "has data beyond" cat "$tmp/refused"
  expect "${mib} MiB" resize rw-resize "${mib}MiB" --force
  [[ $(nbdinfo --size "$volume") == "$image_size" ]] || fail "nbdinfo --size after shrinking"
  expect_failure "" qemu-io -f raw -c "read $((image_size * 2)) 64k" "$volume"
  crash_server
  start_server
  [[ $(nbdinfo --size "$volume") == "$image_size" ]] || fail "nbdinfo --size after a kill"
  resize rw-resize "$((mib * 3))MiB" >/dev/null
  qemu-img compare -q -f raw -F raw "$image" "$volume" || fail "what was shrunk away came back"
  say resize "nbdinfo, qemu-img and qemu-io see it; what was shrunk away is zero"
}
