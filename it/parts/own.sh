# The examples of docs/ATTACH.md for clients of one's own. See it/interop.
# shellcheck shell=bash

wire_size=$((8 << 30)) # of rw-wire

# example LANGUAGE COMMAND...: compiled by the command, it writes and reads what is then compared.
example() {
  local language=$1 volume=rw-wire
  shift
  if ! command -v "$1" >/dev/null; then
    skip "$language" "there is no $1"
    return
  fi
  "$@" 2>"$tmp/error" || fail "$language: $(<"$tmp/error")"
  qemu-io -f raw -c "write -z -f $((wire_size - 4096)) 4096" "$(at "$tcp" $volume)" >/dev/null
  expect "$wire_size bytes, the last block written" "$tmp/example" "127.0.0.1:$port" "$volume"
  expect_failure "absent" "$tmp/example" "127.0.0.1:$port" absent
  [[ $("$python" -m nbd -u "$(at "$tcp" $volume)" -c \
    "print(h.pread(4096, $wire_size - 4096) == bytes(i * 7 % 256 for i in range(4096)))") == True ]] \
    || fail "$language: not what the example wrote"
  say "$language" "the example of ATTACH.md: written, read, and read by another client"
}

part_own() {
  example Rust rustc --edition 2021 -o "$tmp/example" "$repo/docs/examples/client.rs"
  GOCACHE=$tmp/go example Go go build -o "$tmp/example" "$repo/docs/examples/client.go"
}
