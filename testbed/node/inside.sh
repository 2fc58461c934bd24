#!/usr/bin/env bash
# The first process of a node's namespaces, started by outside.sh. If it ends, or any program of the node does, all end.
# STATE/programs/NAME has the words of a command, one a line; its output goes to STATE/log/NAME.log.
# usage: inside.sh STATE HOST_ADDRESS NODE_ADDRESS
set -u
state=$1 host_address=$2 node_address=$3
api_service=10.27.0.1

fail() {
  echo "$*" >&2
  exit 1
}

mount_groups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then version=2; else version=1; fi
  mapfile -t hierarchies < <(cut -d: -f2 /proc/self/cgroup | grep .)
  mount -t sysfs sysfs /sys || fail "can't mount /sys"
  if [ $version = 2 ]; then
    mount -t cgroup2 cgroup /sys/fs/cgroup && mkdir /sys/fs/cgroup/init || fail "can't mount /sys/fs/cgroup"
    for process in $(cat /sys/fs/cgroup/cgroup.procs); do echo "$process" > /sys/fs/cgroup/init/cgroup.procs; done 2>/dev/null
    # Possible as soon as outside.sh has taken the last other process out of this group.
    until sed 's/[^ ]*/+&/g' /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control; do sleep 0.05; done 2>/dev/null
    return
  fi
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup || fail "can't mount /sys/fs/cgroup"
  for hierarchy in "${hierarchies[@]}"; do
    folder=/sys/fs/cgroup/${hierarchy#name=} options=$hierarchy
    case $hierarchy in name=*) options=none,$hierarchy ;; esac
    mkdir "$folder" && mount -t cgroup -o "$options" cgroup "$folder" || fail "can't mount the control groups of $hierarchy"
    for controller in ${hierarchy//,/ }; do
      [ -e "/sys/fs/cgroup/${controller#name=}" ] || ln -s "$hierarchy" "/sys/fs/cgroup/$controller"
    done
  done
}

# What kubelet insists on is shown to it, and the machine's own values stay as they are.
pretend_settings() {
  mkdir /run/settings
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=/run/settings/$(tr / _ <<< "${setting%=*}")
    echo "${setting#*=}" > "$file"
    mount --bind "$file" "/proc/sys/${setting%=*}" || fail "can't bind /proc/sys/${setting%=*}"
  done
}

make_network() {
  hostname node
  ip link set lo up
  # There is no kube-proxy: the address of the API server's service is the node's own.
  ip address add "$api_service/32" dev lo
  # outside.sh makes it when this process is there.
  until ip link show eth0 > /dev/null 2>&1; do sleep 0.02; done
  ip address add "$node_address/30" dev eth0 && ip link set eth0 up || fail "can't set up eth0"
  # Nothing is reached this way; kubelet and the API server look for a default route.
  ip route add default via "$host_address"
  echo 1 > /proc/sys/net/ipv4/ip_forward
}

words() {
  mapfile -t command < "$state/programs/$1"
}

declare -A programs
start() {
  words "$1"
  "${command[@]}" > "$state/log/$1.log" 2>&1 &
  programs[$!]=$1
}

# Until a command of the state's folder succeeds.
wait_for() {
  words "$1"
  until "${command[@]}" "${@:2}" > /dev/null 2>&1; do
    for process in "${!programs[@]}"; do kill -0 "$process" 2>/dev/null || fail "${programs[$process]} ended"; done
    sleep 0.1
  done
}

import_images() {
  wait_for ctr version
  for image in "$state"/images/*.tar; do
    "${command[@]}" --namespace k8s.io images import "$image" > /dev/null || fail "can't import $image"
  done
}

mount --make-rshared /
mount_groups
mount -t tmpfs -o mode=755 tmpfs /run
mount --bind "$state/var-lib" /var/lib
mount --bind "$state/var-log" /var/log
pretend_settings
make_network
cd "$state" || exit 1
for program in containerd etcd kube-apiserver; do start $program; done
import_images
wait_for kubectl get --raw /readyz
for program in kubelet kube-controller-manager kube-scheduler; do start $program; done
wait -n -p ended "${!programs[@]}"
fail "${programs[$ended]} ended"
