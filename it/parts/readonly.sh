# A volume that TCP clients may only read, and one that they may not see. See it/interop.
# shellcheck shell=bash

part_readonly() {
  local volume sent
  volume=$(at "$tcp" ro-data)
  nbdcopy "$image" "$(at "$unix" ro-data)"
  nbdinfo --is read-only "$volume" || fail "not read-only for TCP clients"
  ! nbdinfo --is read-only "$(at "$unix" ro-data)" || fail "read-only for clients of the socket"
  expect_failure "" nbdcopy "$image" "$volume"
  expect_failure "" qemu-io -f raw -c "write -P 1 0 512" "$volume"
  qemu-img compare -q -f raw -F raw "$image" "$volume" || fail "qemu-img compare"
  nbdcopy -C 4 -R 64 "$volume" "$tmp/out"
  cmp "$image" "$tmp/out" || fail "the read-only volume differs"
  sent=$(nbdsh "refusals.main('$volume')")
  [[ $(why_not hidden) == "$(why_not absent)" ]] || fail "hidden: $(why_not hidden)"
  say read-only "nbdinfo, nbdcopy, qemu-img, qemu-io, nbdsh ($sent); hidden is as absent"
}

# why_not NAME: what a client is told of such an export.
why_not() { { nbdinfo "$(at "$tcp" "$1")" 2>&1 || true; } | sed "s/$1/NAME/g"; }
