# fio with its nbd engine. See it/interop.
# shellcheck shell=bash

# fio_verify JOBS URI [OPTION...]: writes, each job a connection and a part of its own, and reads.
fio_verify() {
  fio --name=interop --ioengine=nbd --uri="$2" --rw=randwrite --iodepth=16 --numjobs="$1" \
    --size="$((fio_kib / $1))k" --offset_increment=32m --blockalign=512 \
    --bssplit=512/20:4k/40:13k/10:64k/30 --fsync=64 --verify=crc32c --verify_fatal=1 \
    --randseed="$seed" --verify_state_save=0 --group_reporting --minimal "${@:3}" \
    >"$tmp/fio.log" 2>&1 || {
    cat "$tmp/fio.log" >&2
    fail "fio: $1 jobs failed"
  }
}

part_fio() {
  local jobs
  for jobs in 1 4 16; do
    fio_verify "$jobs" "$(at "$tcp" rw-fio)" --do_verify=1
  done
  fio_verify 16 "$(at "$unix" rw-fio)" --verify_only=1
  say fio "1, 4 and 16 jobs: crc32c verified, the last also over the Unix socket"
}
