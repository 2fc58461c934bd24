#!/usr/bin/env bash
# Holds a node for as long as somebody holds the other end of this program's standard input, however that ends.
# Then removes all that the node has outside of its namespaces: an interface, control groups, the folder of its state.
# A node that ends by itself leaves the folder: its logs say why.
# usage: outside.sh STATE NAME HOST_ADDRESS NODE_ADDRESS     NAME: of the interface and the control groups
set -u
state=$1 name=$2 host_address=$3 node_address=$4
here=$(cd "$(dirname "$0")" && pwd)
root=/sys/fs/cgroup

# This process's group in the hierarchy that is mounted there.
own() {
  if [ -d "$1$2" ]; then echo "$1${2%/}"; else echo "$1"; fi
}

# The node's control groups: one (cgroup v2), or one in each hierarchy (v1).
list_groups() {
  if [ -e "$root/cgroup.controllers" ]; then
    # Below the root: nowhere else may a group that has processes hand controllers to its children.
    echo "$root/$name"
    return
  fi
  while IFS=: read -r _ controllers path; do
    hierarchy=$root/${controllers#name=}
    if [ -n "$controllers" ] && [ -d "$hierarchy" ]; then echo "$(own "$hierarchy" "$path")/$name"; fi
  done < /proc/self/cgroup
}

make_group() {
  mkdir "$1" || return
  if [ -e "$1/cpuset.cpus" ] && [ ! -e "$root/cgroup.controllers" ]; then
    # A new group of v1 may use nothing until it is told.
    cat "$(dirname "$1")/cpuset.cpus" > "$1/cpuset.cpus" && cat "$(dirname "$1")/cpuset.mems" > "$1/cpuset.mems"
  fi
}

remove_group() {
  for _ in $(seq 100); do
    find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null
    [ -d "$1" ] || return 0
    sleep 0.1
  done
  echo "the control group $1 is still in use" >&2
}

clean_up() {
  ip link delete "$name" 2>/dev/null
  for group in "${groups[@]}"; do remove_group "$group"; done
  [ -z "${abandoned:-}" ] || rm -rf --one-file-system "$state"
}

mapfile -t groups < <(list_groups)
trap clean_up EXIT
for group in "${groups[@]}"; do make_group "$group" || exit 1; done

(
  for group in "${groups[@]}"; do echo "$BASHPID" > "$group/cgroup.procs" || exit 1; done
  exec unshare --mount --net --uts --ipc --cgroup --pid --fork --kill-child --mount-proc --propagation private \
    bash "$here/inside.sh" "$state" "$host_address" "$node_address" < /dev/null
) &
holder=$!

first=
while [ -z "$first" ] && kill -0 "$holder" 2>/dev/null; do
  read -r first _ < "/proc/$holder/task/$holder/children"
  sleep 0.02
done 2>/dev/null
if [ -e "$root/cgroup.controllers" ]; then
  # Back to where this process is: nobody inside can move it, and a group with processes has no children with
  # controllers.
  path=$(sed -n 's/^0:://p' /proc/self/cgroup)
  echo "$holder" > "$(own "$root" "$path")/cgroup.procs"
fi
ip link add "$name" type veth peer name eth0 netns "$first" &&
  ip address add "$host_address/30" dev "$name" &&
  ip link set "$name" up || first_failed=1

while [ -z "${first_failed:-}" ] && kill -0 "$holder" 2>/dev/null; do
  read -r -t 0.5 _
  # More than 128: half a second went by. Anything else: the other end is closed.
  [ $? -gt 128 ] || { abandoned=1; break; }
done

# With the first process of its namespace goes every other one; `unshare` ends when all have gone.
if kill -0 "$holder" 2>/dev/null; then kill -KILL ${first:-$holder} 2>/dev/null; fi
wait "$holder"
