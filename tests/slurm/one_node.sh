#!/usr/bin/env bash
# A SLURM of one node, this machine, that listens on 127.0.0.1 alone: enough to try the cluster profile.
#
#   one_node.sh start FOLDER [CPUS]     its state, logs and key are kept in FOLDER
#   one_node.sh stop FOLDER
#
# Needs root and Debian's slurmctld, slurmd, slurm-client and munge. No systemd, no cgroups, no accounting
# database. Refuses where a SLURM is already set up.
set -euo pipefail

command=$1
folder=$(readlink -f "$2")
host=$(hostname -s)
# Not in the folder: Snakemake's plugin unsets SLURM_CONF for what it starts on a node.
settings=/etc/slurm/slurm.conf
mark="# superposition: one node for tests, in $folder"

start() {
    if [ -e "$settings" ] && ! grep -q "^# superposition: one node for tests" "$settings"; then
        echo "$settings is there already; it is left alone." >&2
        exit 3
    fi
    mkdir -p "$folder"/{state,spool,log,munge} /etc/slurm
    chmod 755 "$folder" "$folder/munge"
    # A key and a socket of its own: whoever else uses munge here is not disturbed.
    head -c 1024 /dev/urandom >"$folder/munge/key"
    chmod 400 "$folder/munge/key"
    munged --force --num-threads=2 --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
        --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
    cat >"$settings" <<END
$mark
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
MinJobAge=300
KillWait=5
# More processors than there are, if told so; jobs of four must fit.
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=${1:-$(nproc)} RealMemory=64000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
    slurmctld -c
    slurmd -c
    for _ in $(seq 80); do
        if sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle'; then
            exit 0
        fi
        sleep 0.25
    done
    echo "The node did not become idle." >&2
    tail -n 20 "$folder"/log/slurm*.log >&2
    exit 1
}

stop() {
    grep -qxF "$mark" "$settings" || exit 0
    scancel --user=root 2>/dev/null || true
    scontrol shutdown || true
    # They take a moment to end, and munged must not go before them.
    for name in slurmctld slurmd; do
        pid=$(cat "$folder/$name.pid" 2>/dev/null) || continue
        for _ in $(seq 20); do
            # Ended, or only not yet reaped.
            grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$pid/status" || break
            sleep 0.25
        done
        kill "$pid" 2>/dev/null || true
    done
    kill "$(cat "$folder/munge/pid")" 2>/dev/null || true
    rm -f "$settings"
}

shift 2
"$command" "$@"
