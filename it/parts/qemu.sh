# QEMU's tools: qemu-img, qemu-io, qemu-nbd. See it/interop.
# shellcheck shell=bash

part_qemu_img() {
  local volume
  volume=$(at "$tcp" rw-qemu)
  qemu-img info --output=json "$volume" >"$tmp/json" 2>/dev/null
  [[ $(json 'd["virtual-size"], d["format"]') == "$image_size raw" ]] || fail "qemu-img info"
  qemu-img bench -f raw -w -c 200 -d 16 -s 4096 --pattern 0x5c "$volume" >/dev/null
  qemu-img bench -f raw -w -c 50 -d 8 -s 4096 -S 65536 --flush-interval 10 --pattern 0x5c \
    "$(at "$unix" rw-qemu)" >/dev/null
  qemu-img bench -f raw -c 400 -d 64 -s 4096 "$volume" >/dev/null
  qemu-io -f raw -r -c "read -P 0x5c 0 $((200 * 4096))" "$volume" >"$tmp/out" \
    || fail "qemu-img bench: not what it wrote: $(<"$tmp/out")"

  qemu-img convert -q -O qcow2 "$image" "$tmp/qcow2"
  qemu-img convert -q -n -W -m 16 -O raw "$tmp/qcow2" "$volume" # what bench left goes away
  qemu-img compare -q -f raw -F raw "$image" "$(at "$unix" rw-qemu)" || fail "qemu-img compare"
  qemu-img map -f raw --output=json "$volume" >"$tmp/json"
  local extents
  extents=$(checker image map "$image" <"$tmp/json")
  rm "$tmp/qcow2"
  qemu-img convert -q -W -m 16 -f raw -O qcow2 "$volume" "$tmp/qcow2"
  qemu-img compare -q -F raw "$tmp/qcow2" "$image" || fail "qemu-img convert: the image differs"
  qemu-img dd -f raw -O raw bs=1M "if=$volume" "of=$tmp/out"
  cmp "$image" "$tmp/out" || fail "qemu-img dd: the file differs"
  say qemu-img "info, bench, convert both ways, dd: equal; map: $extents, as in the image"
}

part_qemu_io() {
  local volume
  volume=$(at "$tcp" rw-qemu)
  cp "$image" "$tmp/model"
  nbdcopy "$image" "$volume"
  checker qemu_io "$tmp/model" --commands "$commands" --seed "$seed" -- qemu-io -f raw "$volume"
  nbdcopy "$volume" "$tmp/out"
  cmp "$tmp/model" "$tmp/out" || fail "qemu-io: the volume is not what it wrote"
  expect_failure "failed" qemu-io -f raw -c "write $image_size 512" "$volume"
  expect_failure "failed" qemu-io -f raw -c "read $((image_size - 512)) 1024" "$volume"
  qemu-io -f raw -r -c "read $((image_size - 512)) 512" "$volume" >/dev/null
  say qemu-io "$commands writes, zeroes, discards, also unaligned: each read, volume equal"
}

# A whole QEMU as the document starts it, but halted: its virtio disk is written and read from the
# monitor, by the way that a guest's requests take.
part_qemu_system() {
  local volume=rw-qemu command disk="/machine/peripheral-anon/device[0]/virtio-backend"
  if ! command -v qemu-system-x86_64 >/dev/null; then
    skip qemu-system "qemu-system-x86 is not installed"
    return
  fi
  command="$(recipe qemu) -S -nodefaults -display none -monitor stdio"
  printf '%s\n' "qemu-io -d $disk \"write -P 0x3c 1M 64k\"" "qemu-io -d $disk \"discard 4M 64k\"" \
    "qemu-io -d $disk flush" quit | timeout 60 bash -c "$command" 2>&1 \
    | grep -v '^(qemu)' >"$tmp/out" || true # without what its line editor prints
  (($(grep -c '^64 KiB, 1 ops' "$tmp/out") == 2)) || fail "qemu-system: $(<"$tmp/out")"
  qemu-io -f raw -r -c "read -P 0x3c 1M 64k" -c "read -P 0 4M 64k" "$(at "$tcp" $volume)" \
    >"$tmp/out" || fail "qemu-system: not what it wrote: $(<"$tmp/out")"
  say qemu-system "-blockdev nbd as in ATTACH.md: written, discarded, read by another client"
}
