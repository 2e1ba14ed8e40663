# TLS: right and wrong certificates, and who may see and do what. See it/interop.
# shellcheck shell=bash

# The authority, the server's and a client's certificates as docs/ACCESS.md makes them; then some
# more clients, and a stranger's authority. A folder each, as clients want it.
make_certificates() {
  local page name
  tls=$tmp/tls
  page=$(awk '$0 == "```" && inside { exit } inside; $0 == "```bash" { inside = 1 }' \
    "$repo/docs/ACCESS.md" | sed 's/DNS:localhost/&,DNS:nbd.example.org/')
  mkdir -p "$tls/other"
  (
    cd "$tls"
    eval "$page"
    for name in reader nobody expired; do
      certificate $name $name "DNS:$name"
      mv $name/$name-cert.pem $name/client-cert.pem
      mv $name/$name-key.pem $name/client-key.pem
    done
    openssl x509 -req -in expired.csr -days -1 -CA ca-cert.pem -CAkey ca-key.pem \
      -out expired/client-cert.pem
    (cd other && eval "$page")
    mkdir stranger deceived bare
    cp other/client/client-*.pem ca-cert.pem stranger/ # of another authority
    cp client/client-*.pem other/ca-cert.pem deceived/ # trusts only another server
    cp ca-cert.pem bare/                               # has no certificate of its own
  ) >"$tmp/openssl.log" 2>&1 || fail "no certificates: $(<"$tmp/openssl.log")"
}

# An address of this host that stands for another network.
elsewhere=127.0.0.9

# What the server is told of it; web1 is the common name in that page's client certificate.
tls_options() {
  server_options+=(--nbd.tls=on "--tls.certificate=$tls/server/server-cert.pem"
    "--tls.key=$tls/server/server-key.pem" "--tls.client-ca=$tls/ca-cert.pem")
  access_rules+=("volumes=tls-a cn=web1 read-write" "volumes=tls-* cn=reader read-only"
    "volumes=net network=$elsewhere read-only" "volumes=tls-b cn=web1 network=$elsewhere read-write")
}

# nbds CLIENT VOLUME: the URI with that client's certificate.
nbds() { echo "nbds://localhost:$port/$2?tls-certificates=$tls/$1"; }

# qemu_tls CLIENT VOLUME: the same as options for qemu-img.
qemu_tls() {
  echo --object "tls-creds-x509,id=tls0,dir=$tls/$1,endpoint=client" --image-opts \
    "driver=nbd,host=localhost,port=$port,export=$2,tls-creds=tls0"
}

# access URI: rw, ro, or none.
access() {
  local status=0
  nbdinfo --is read-only "$1" 2>"$tmp/refused" || status=$?
  case $status in
    0) echo ro ;;
    2) echo rw ;;
    *) echo none ;;
  esac
}

# matrix_uri FROM CLIENT VOLUME: of the volume, for that client by that way.
matrix_uri() {
  local at_port=$port
  [[ $1 != network ]] || at_port=$relay_port
  case $1,$2 in
    unix,plain) at "$unix" "$3" ;;
    *,plain) echo "nbd://127.0.0.1:$at_port/$3" ;;
    *) echo "nbds://localhost:$at_port/$3?tls-certificates=$tls/$2" ;;
  esac
}

# Rows: where from (this host, another network, the Unix socket) and who; columns: what they may do
# with tls-a, tls-b, net and hidden.
part_access() {
  local from client a b c d expected found name relay_port rows=0
  read -r relay_port _ < <(free_ports)
  "$python" "$here/guest/relay.py" "$relay_port" 127.0.0.1 "$port" "$elsewhere" &
  helpers+=($!)
  wait_for "the relay" eval "(: >/dev/tcp/127.0.0.1/$relay_port) 2>/dev/null"
  while read -r from client a b c d; do
    expected="$a $b $c $d"
    found=
    for name in tls-a tls-b net hidden; do
      found+=" $(access "$(matrix_uri "$from" "$client" $name)")"
    done
    [[ ${found# } == "$expected" ]] \
      || fail "$client from $from: may do$found, expected $expected; $(<"$tmp/refused")"
    rows=$((rows + 1))
  done <<'MATRIX'
host    plain    none none none none
host    client   rw   none none none
host    reader   ro   ro   none none
host    nobody   none none none none
host    expired  none none none none
host    stranger none none none none
host    deceived none none none none
host    bare     none none none none
network plain    none none ro   none
network client   rw   rw   ro   none
network reader   ro   ro   ro   none
network stranger none none none none
unix    plain    rw   rw   rw   rw
MATRIX
  nbdinfo --json --list "$(nbds reader "")" >"$tmp/json"
  [[ $(json '*sorted(e["export-name"] for e in d["exports"])') == "$tcp_volumes tls-a tls-b" ]] \
    || fail "the reader sees $(json '*[e["export-name"] for e in d["exports"]]')"
  [[ $(json 'd["TLS"]') == True ]]
  say "access" "$rows clients x 4 volumes: rw, ro or none; --list shows what one may open"
}

part_tls() {
  # shellcheck disable=SC2034 # for recipes
  local volume="tls-a" client
  nbdcopy -C 4 -R 64 "$image" "$(nbds client tls-a)"
  nbdcopy -C 4 -R 64 "$(nbds reader tls-a)" "$tmp/out"
  cmp "$image" "$tmp/out" || fail "nbdcopy: the copy over TLS differs"
  # shellcheck disable=SC2046
  qemu-img compare -q --image-opts $(qemu_tls reader tls-a | sed 's/--image-opts//') \
    "driver=file,filename=$image" || fail "qemu-img compare over TLS"
  bash -e <<<"$(recipe tls-libnbd)" >/dev/null
  bash -e <<<"$(recipe tls-qemu-img)" >/dev/null
  for client in expired stranger deceived bare; do
    # shellcheck disable=SC2046
    expect_failure "" qemu-img info $(qemu_tls $client tls-a)
  done
  expect_failure "" qemu-io -f raw -c "write 0 512" "$(at "$tcp" tls-a)"
  say "TLS" "nbdinfo, nbdcopy with 4 connections, qemu-img: equal; wrong certificates refused"
}
