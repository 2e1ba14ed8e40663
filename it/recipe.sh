# Commands out of docs/ATTACH.md, so that it cannot say what does not work. Read, not run; also in
# the guest of it/kernel.
# shellcheck shell=bash

# recipe_of FILE NAME: the block that is marked with recipe=NAME.
recipe_of() {
  awk -v name="$2" '
    $0 == "```" { inside = 0 }
    inside { print; found = 1 }
    /^```[a-z]+ recipe=/ { sub(/.*=/, ""); inside = ($0 == name) }
    END { exit !found }' "$1" || { echo "$1 has no recipe '$2'" >&2 && return 1; }
}
