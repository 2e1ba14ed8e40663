# Clients of libnbd: nbdinfo, nbdcopy, nbdsh, nbdfuse. See it/interop.
# shellcheck shell=bash

# can_all URI: everything that the server advertises on a volume that may be written.
can_all() {
  local what
  for what in cache connect df fast-zero flush fua multi-conn read trim write zero; do
    nbdinfo --can "$what" "$1" || fail "nbdinfo: $1 cannot $what"
  done
}

part_nbdinfo() {
  local root
  for root in "$tcp" "$unix"; do
    expect "export-size: $image_size" nbdinfo "$(at "$root" rw-copy)"
    expect "base:allocation" nbdinfo "$(at "$root" rw-copy)"
    expect "rw-qemu" nbdinfo --list "$(at "$root" "")"
    [[ $(nbdinfo --size "$(at "$root" rw-copy)") == "$image_size" ]] || fail "nbdinfo --size"
    can_all "$(at "$root" rw-copy)"
  done
  nbdinfo --json "$(at "$tcp" rw-copy)" >"$tmp/json"
  [[ $(json 'd["protocol"], d["TLS"], d["structured"]') == "newstyle-fixed False True" ]]
  [[ $(json '*[d["exports"][0]["block_size_" + size] for size in ("minimum", "preferred")]') \
    == "512 4096" ]]
  [[ $(json 'd["exports"][0]["is_read_only"], d["exports"][0]["is_rotational"]') == "False False" ]]
  nbdinfo --json --list "$(at "$tcp" "")" >"$tmp/json"
  [[ $(json '*sorted(e["export-name"] for e in d["exports"])') == "$tcp_volumes" ]] \
    || fail "nbdinfo --list: $(json '*[e["export-name"] for e in d["exports"]]')"
  expect_failure "No such file" nbdinfo "$(nbds reader nonesuch)"
  expect_failure "Operation not supported" nbdinfo "$(at "$tcp" nonesuch)" # there may be one by TLS
  expect "rw-copy" nbd-client -l 127.0.0.1 "$port"
  say nbdinfo "text, --json, --list, --size, --can, unknown name; TCP and Unix socket"
}

# A copy over four connections with 64 requests on their way has to be equal.
part_nbdcopy() {
  local in out volume=rw-qemu
  in=$(at "$tcp" rw-copy) out=$(at "$unix" rw-copy)
  nbdcopy -C 4 -R 64 -T 2 --flush "$image" "$in"
  nbdcopy -C 4 -R 64 -T 2 "$out" "$tmp/out"
  cmp "$image" "$tmp/out" || fail "nbdcopy: the copy differs"
  nbdcopy -C 4 -R 64 "$in" "$(at "$tcp" rw-qemu)" # between two volumes
  nbdcopy --synchronous --request-size=65536 "$(at "$unix" rw-qemu)" "$tmp/out"
  cmp "$image" "$tmp/out" || fail "nbdcopy: the copy of the copy differs"
  mkdir "$tmp/copying"
  ln -s "$image" "$tmp/copying/disk.img"
  (cd "$tmp/copying" && bash -e <<<"$(recipe copying)") >"$tmp/said" 2>&1 \
    || fail "the recipe for copying: $(<"$tmp/said")"
  cmp "$image" "$tmp/copying/copy.img" || fail "the recipe for copying: the copy differs"
  rm -r "$tmp/copying"
  say nbdcopy "both ways, 4 connections, 64 requests, volume to volume: equal"

  nbdinfo --json --map "$in" >"$tmp/json"
  local extents
  extents=$(checker image map "$image" <"$tmp/json")
  expect "hole,zero" nbdinfo --map --totals "$in"
  say "nbdinfo --map" "$extents, as in the image"
  part_location "$in"
}

# Where the bytes are just now, for tools; sums up to the whole volume.
part_location() {
  nbdinfo --json --map=lsmbd:location "$1" >"$tmp/json" 2>"$tmp/error" || {
    skip "nbdinfo --map=lsmbd:location" "$(<"$tmp/error")"
    return
  }
  [[ $(json 'sum(e["length"] for e in d)') == "$image_size" ]] || fail "locations have a gap"
  say "nbdinfo --map" "lsmbd:location covers the volume"
}

part_nbdsh() {
  local requests
  nbdcopy "$image" "$(at "$tcp" rw-wire)"
  requests=$(nbdsh "refusals.main('$(at "$tcp" rw-wire)')")
  say nbdsh "strict mode off, $requests: right errors, connections live on"
  [[ $requests == *extended* ]] || skip "extended headers" \
    "libnbd $(nbdinfo --version | awk '/^libnbd/ { print $2 }') has none, 1.18 has; see --suite"
}

part_nbdfuse() {
  if [[ ! -w /dev/fuse ]] || ! command -v nbdfuse >/dev/null; then
    skip nbdfuse "no nbdfuse, or no /dev/fuse to write to"
    return
  fi
  local volume=rw-fuse fuse
  local disk=$tmp/run/mnt/$volume
  bash -e -c "$(recipe nbdfuse | sed 's/^nbdfuse/exec nbdfuse/')" 2>"$tmp/nbdfuse.log" &
  fuse=$!
  helpers+=("$fuse")
  wait_for "nbdfuse" test -e "$disk"
  dd if="$image" of="$disk" bs=1M conv=notrunc,fsync status=none
  cmp "$image" "$disk" || fail "nbdfuse: the file differs"
  kill "$fuse" # unmounts
  wait "$fuse" || true
  nbdcopy "$(at "$unix" rw-fuse)" "$tmp/out"
  cmp "$image" "$tmp/out" || fail "nbdfuse: the volume differs"
  say nbdfuse "a volume as a file: written, read, and the volume equal"
}
