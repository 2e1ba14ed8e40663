# What docs/ATTACH.md says of other programs, checked as far as it can be here. See it/interop.
# shellcheck shell=bash

part_recipes() {
  part_storage_daemon
  part_libvirt
}

part_storage_daemon() {
  if ! command -v qemu-storage-daemon >/dev/null; then
    skip qemu-storage-daemon "it is not installed"
    return
  fi
  # shellcheck disable=SC2034 # for the recipe
  local volume=rw-copy daemon proxy="nbd+unix:///?socket=$tmp/run/proxy.sock"
  mkdir -p "$tmp/run"
  rm -f "$tmp/run/proxy.sock"
  bash -c "exec $(recipe proxy-storage-daemon)" >"$tmp/out" 2>&1 &
  daemon=$!
  helpers+=("$daemon")
  wait_for "the storage daemon" test -S "$tmp/run/proxy.sock"
  nbdcopy "$image" "$proxy"
  nbdcopy -C 4 "$proxy" "$tmp/out"
  cmp "$image" "$tmp/out" || fail "qemu-storage-daemon: the copy differs"
  kill $daemon
  wait $daemon || true
  say qemu-storage-daemon "as a proxy: written, read, equal"
}

# libvirt 11, of Debian 13, knows <reconnect> for NBD; that of Debian 12 does not.
part_libvirt() {
  local schema=${newer:-none}/../usr/share/libvirt/schemas/domain.rng
  if [[ ! -e $schema ]]; then
    skip libvirt "no schema; see --suite"
    return
  fi
  {
    echo "<domain type='kvm'><name>guest</name><memory>1048576</memory>"
    echo "<os><type>hvm</type></os><devices>"
    recipe libvirt
    echo "</devices></domain>"
  } >"$tmp/domain.xml"
  xmllint --noout --relaxng "$schema" "$tmp/domain.xml" 2>"$tmp/out" || fail "libvirt: $(<"$tmp/out")"
  say libvirt "the disk fits its schema"
}
