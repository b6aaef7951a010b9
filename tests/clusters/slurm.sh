#!/usr/bin/env bash
# A Slurm of one controller and two nodes on this host, in the folder given; it lives as long as this script.
# Installs what it needs from Debian's packages. Says "ready" when jobs may be submitted, and ends with its
# standard input. Needs root.
set -euo pipefail
folder=$(realpath "$1")
port=$2

if ! command -v slurmctld slurmd sbatch munged >/dev/null; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurmctld slurmd slurm-client munge >&2
fi

mkdir -p "$folder"/{state,a,b,munge}
chmod 0755 "$folder" "$folder/munge"
host=$(hostname -s)
key="$folder/munge.key"
head -c 1024 /dev/urandom >"$key"
chmod 0400 "$key"
socket="$folder/munge/socket"
munged --foreground --force --key-file="$key" --socket="$socket" --pid-file="$folder/munge/pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" &
munged=$!
cat >"$folder/slurm.conf" <<END
ClusterName=filas-test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$socket
CryptoType=crypto/munge
SlurmctldPort=$port
StateSaveLocation=$folder/state
SlurmctldPidFile=$folder/slurmctld.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdPidFile=$folder/%n.pid
SlurmdSpoolDir=$folder/%n
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SlurmdParameters=config_overrides
NodeName=a NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 RealMemory=500
NodeName=b NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 RealMemory=500
PartitionName=all Nodes=a,b Default=YES State=UP MaxTime=INFINITE
END
export SLURM_CONF="$folder/slurm.conf"
until [ -S "$socket" ]; do kill -0 "$munged"; sleep 0.1; done
slurmctld -D -i >"$folder/ctld.out" 2>&1 &
ctld=$!
slurmd -D -N a >"$folder/a.out" 2>&1 &
a=$!
slurmd -D -N b >"$folder/b.out" 2>&1 &
b=$!
trap 'kill "$a" "$b" "$ctld" "$munged" 2>/dev/null; wait' EXIT
for _ in $(seq 300); do
    if [ "$(sinfo --noheader --states=idle --format=%D 2>/dev/null)" = 2 ]; then
        echo ready
        cat >/dev/null
        exit 0
    fi
    kill -0 "$ctld" "$a" "$b"
    sleep 0.2
done
echo "no nodes came up" >&2
tail -5 "$folder"/*.log >&2
exit 1
