# Starts a main class of lsmbd; read by bin/lsmbd and bin/lsmctl, not run by itself.
# The distribution has its own runtime and jars beside bin/. In the source tree ./dev says where
# they are: LSMBD_LIB, JAVA_HOME, LSMBD_CACHE.

home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
lib=${LSMBD_LIB:-$home/lib}

die() {
  echo "${0##*/}: $*" >&2
  exit 78
}

java_command() {
  if [ -x "$home/runtime/bin/java" ]; then
    echo "$home/runtime/bin/java"
  elif [ -n "${JAVA_HOME:-}" ]; then
    echo "$JAVA_HOME/bin/java"
  else
    command -v java || die "no Java: set JAVA_HOME to a JDK 25"
  fi
}

# A size such as 512MiB, 512m, 2 GiB or 2g, in MiB; of anything else the default, 1024: the server
# refuses it or tells that the heap does not fit.
mebibytes() {
  number=${1%%[!0-9]*}
  unit=${1#"$number"}
  # No octal number, and none that overflows.
  case $number in 0* | ???????*) number= ;; esac
  case ${number:+${unit# }} in
    GiB | G | g) echo $((number * 1024)) ;;
    MiB | M | m) echo "$number" ;;
    *) echo 1024 ;;
  esac
}

# A folder that is ours to write, or nothing.
cache_folder() {
  folder=${LSMBD_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/lsmbd}
  mkdir -p "$folder/native" 2>/dev/null && [ -w "$folder/native" ] && echo "$folder" || return 0
}

# An archive of loaded classes quickens the start. The JVM writes it at exit if there is none. It
# does not replace one that was made of other jars: hence the checksum in the name.
class_archive() {
  archive=$1/$2-$(ls -l "$lib" | cksum | cut -d ' ' -f 1).jsa
  [ -e "$archive" ] || rm -f "$1/$2"-*.jsa
  echo "$archive"
}

# How the user calls our programs, which is what advice is to name: by their names alone if these
# are found, else with the folder that this one was called with. ./dev has a way of its own.
command_prefix() {
  if [ "$(command -v "${0##*/}")" = "$0" ] || [ "${0%/*}" = "$0" ]; then
    echo ""
  else
    echo "${0%/*}/"
  fi
}

# launch NAME MAIN-CLASS JVM-OPTIONS ARGUMENT...
launch() {
  name=$1 main=$2 options=$3
  shift 3
  java=$(java_command) || exit
  folder=$(cache_folder)
  if [ -n "$folder" ]; then
    archive=$(class_archive "$folder" "$name")
    # Libraries unpack their native code here; a killed process leaves it behind. What is in use
    # stays in use when its name is gone.
    find "$folder/native" -name '*.so' -mmin +1 -delete
    scratch=-Djava.io.tmpdir=$folder/native
  fi
  extra=${LSMBD_JAVA_OPTS:-}
  export LSMBD_COMMAND_PREFIX="${LSMBD_COMMAND_PREFIX-$(command_prefix)}"
  # These were for this script; the server refuses variables of ours that it does not know.
  unset LSMBD_LIB LSMBD_CACHE LSMBD_JAVA_OPTS
  # RocksDB's short-lived buffers would leave half-empty heaps behind: few heaps, and what is large
  # comes from the system and goes back to it.
  export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
  export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-131072}"
  export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-131072}"
  # The options are words without blanks, meant to be split.
  # shellcheck disable=SC2086
  exec "$java" "@$home/jvm.options" \
    ${archive:+-XX:+AutoCreateSharedArchive "-XX:SharedArchiveFile=$archive"} \
    ${scratch:+"$scratch"} $options $extra -cp "$lib/*" "$main" "$@"
}
