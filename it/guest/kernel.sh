# shellcheck shell=bash disable=SC1091
# The guest's side of it/kernel, which says what is tested; runs in the lab's virtual machine.
# usage: kernel.sh BYTES     of the image and the volumes
. ./lib.sh
. ./recipe.sh
image=image size=$1
echo "$NBD_HOST nbd.example.org" >>/etc/hosts
mkdir -p /etc/lsmbd
echo "GUEST Linux $(uname -r), $(nbd-client --version | sed 's/.*from //')"

# recipe NAME [VOLUME]: a block of ATTACH.md, for our port and that volume.
recipe() { recipe_of ATTACH.md "$1" | sed "s/10809/$NBD_PORT/; s/vol1/${2:-vol1}/"; }
run() { recipe "$@" | bash -e >/tmp/recipe.log 2>&1 || fail "recipe $1: $(</tmp/recipe.log)"; }

wait_attached() {
  local i
  for ((i = 0; i < 100; i++)); do
    (($(blockdev --getsize64 /dev/nbd0) != size)) || return 0
    sleep 0.1
  done
  fail "$1: /dev/nbd0 has $(blockdev --getsize64 /dev/nbd0) bytes"
}

equals_image() {
  drop_caches
  cmp "$image" /dev/nbd0 || fail "$1: the device differs from what was written"
}

# Four writers past the page cache, so that requests are on their way on all connections.
write_image() {
  local part quarter=$((size / 4)) writers=()
  for part in 0 1 2 3; do
    dd if="$image" of=/dev/nbd0 bs=64k oflag=direct,seek_bytes iflag=skip_bytes,count_bytes \
      skip=$((part * quarter)) seek=$((part * quarter)) count=$quarter conv=notrunc status=none &
    writers+=($!)
  done
  wait "${writers[@]}" || fail "writing failed"
}

is_zero() { cmp --ignore-initial="$1:0" --bytes="$2" /dev/nbd0 /dev/zero; }

for block in 512 4096; do
  for connections in 1 4; do
    what="blocks of $block, $connections connections"
    EXPORT=rw-$block-$connections attach /dev/nbd0 -block-size $block -connections $connections
    wait_attached "$what"
    (($(blockdev --getss /dev/nbd0) == block)) || fail "$what: sectors of another size"
    write_image
    equals_image "$what"
    blkdiscard -o 0 -l $((size / 4)) /dev/nbd0
    blkdiscard -z -o $((size / 4)) -l $((size / 4)) /dev/nbd0
    drop_caches
    is_zero 0 $((size / 2)) || fail "$what: discarded and zeroed, but still there"
    (cd /sys/block/nbd0/queue && [[ $(<write_cache) == "write back" && $(<fua) == 1 &&
      $(<rotational) == 0 ]]) || fail "$what: no flush, no FUA, or rotational"
    detach
    echo "PASS nbd-client, $what: written, read, discarded, zeroed"
  done
done

EXPORT=rw-plain attach /dev/nbd0 -no-optgo
write_image
equals_image "no-optgo"
detach
run nbd-client rw-plain
wait_attached "recipe nbd-client"
equals_image "recipe nbd-client"
run nbd-client-detach
# nbd-client 3.24 knows no other port than 10809 for what is in nbdtab.
python3 relay.py 10809 "$NBD_HOST" "$NBD_PORT" &
until (: >/dev/tcp/127.0.0.1/10809) 2>/dev/null; do sleep 0.1; done
recipe nbdtab rw-plain | sed "s/nbd\.example\.org/127.0.0.1/" >/etc/nbdtab
nbd-client nbd0 >/tmp/recipe.log 2>&1 || fail "nbdtab: $(</tmp/recipe.log)"
wait_attached "nbdtab"
equals_image "nbdtab"
detach
kill %1
echo "PASS nbd-client, EXPORT_NAME, recipes for the command line and nbdtab: equal"

EXPORT=ro-data attach
(($(blockdev --getro /dev/nbd0) == 1)) || fail "the read-only export may be written"
equals_image "read-only"
! dd if="$image" of=/dev/nbd0 bs=4k count=1 oflag=direct 2>/dev/null || fail "ro-data was written"
detach
echo "PASS nbd-client, read-only: equal, not to be written"

ln -s "$PWD/tls/client" /etc/lsmbd/tls
run tls-nbd-client tls-a
wait_attached "TLS"
write_image
equals_image "TLS"
detach
# A connection that was refused leaves an error, or a device without a size.
for wrong in expired stranger deceived bare nobody; do
  ln -sfn "$PWD/tls/$wrong" /etc/lsmbd/tls
  if recipe tls-nbd-client tls-a | timeout 60 bash -e >/tmp/recipe.log 2>&1; then
    sleep 1
    (($(blockdev --getsize64 /dev/nbd0) == 0)) || fail "TLS: $wrong could attach"
    nbd-client -d /dev/nbd0 >/dev/null 2>&1 || true
  fi
done
echo "PASS nbd-client, TLS: equal; five wrong certificates refused"

if command -v systemd-analyze >/dev/null; then
  recipe kernel-reconnect-unit >/etc/systemd/system/lsmbd-nbd0.service
  systemd-analyze verify /etc/systemd/system/lsmbd-nbd0.service || fail "systemd refuses the unit"
  echo "PASS systemd, the unit for qemu-nbd"
fi
check_kernel_log

# The host kills the server when it sees these acknowledgements.
run kernel-reconnect survivor
mkfs.ext4 -q /dev/nbd0
mount /dev/nbd0 /mnt
python3 records.py write /mnt 1 400 || fail "a write failed: $(dmesg | tail -n 5)"
drop_caches
python3 records.py check /mnt 400
umount /mnt
fsck_ext4 /dev/nbd0
run kernel-reconnect-detach
check_kernel_log
echo "PASS qemu-nbd --connect, server killed: ext4 clean, every record there, no error"
