# What docs/ATTACH.md says of other programs, checked as far as it can be here. See it/interop.
# shellcheck shell=bash

part_recipes() {
  recipe firecracker >"$tmp/json"
  [[ $(json 'd["drives"][0]["cache_type"]') == Writeback ]] || fail "firecracker: $(<"$tmp/json")"
  part_storage_daemon
  part_unit
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

part_unit() {
  if ! command -v systemd-analyze >/dev/null; then
    skip systemd "there is no systemd-analyze"
    return
  fi
  # What the unit starts may be missing here.
  recipe kernel-reconnect-unit | sed "s#/sbin/modprobe#$(type -P true)#" >"$tmp/lsmbd-nbd0.service"
  systemd-analyze verify "$tmp/lsmbd-nbd0.service" >"$tmp/out" 2>&1 || fail "systemd: $(<"$tmp/out")"
  say systemd "takes the unit for qemu-nbd"
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
