package dev.corten.cli.container;

import static dev.corten.cli.flags.FlagTable.NONE;
import static dev.corten.cli.flags.FlagType.ADDRESS;
import static dev.corten.cli.flags.FlagType.ATTACH;
import static dev.corten.cli.flags.FlagType.BOOL;
import static dev.corten.cli.flags.FlagType.BYTES;
import static dev.corten.cli.flags.FlagType.BYTE_RATE;
import static dev.corten.cli.flags.FlagType.DECIMAL;
import static dev.corten.cli.flags.FlagType.DEVICE_RULE;
import static dev.corten.cli.flags.FlagType.DOMAIN;
import static dev.corten.cli.flags.FlagType.DURATION;
import static dev.corten.cli.flags.FlagType.ENV;
import static dev.corten.cli.flags.FlagType.GPUS;
import static dev.corten.cli.flags.FlagType.HOST;
import static dev.corten.cli.flags.FlagType.INT;
import static dev.corten.cli.flags.FlagType.LABEL;
import static dev.corten.cli.flags.FlagType.LINK;
import static dev.corten.cli.flags.FlagType.LIST;
import static dev.corten.cli.flags.FlagType.MAP;
import static dev.corten.cli.flags.FlagType.MOUNT;
import static dev.corten.cli.flags.FlagType.NETWORK;
import static dev.corten.cli.flags.FlagType.OPERATION_RATE;
import static dev.corten.cli.flags.FlagType.STRING;
import static dev.corten.cli.flags.FlagType.SWAP;
import static dev.corten.cli.flags.FlagType.SYSCTL;
import static dev.corten.cli.flags.FlagType.UINT;
import static dev.corten.cli.flags.FlagType.UINT16;
import static dev.corten.cli.flags.FlagType.ULIMIT;
import static dev.corten.cli.flags.FlagType.WEIGHT;

import dev.corten.cli.flags.FlagTable;

/// The options that `run` and `create` share.
final class ContainerFlags {
    private ContainerFlags() {}

    static FlagTable table(String pullUsage) {
        return new FlagTable()
                .add(NONE, "add-host", HOST, "Add a custom host-to-IP mapping (host:ip)")
                .add(
                        NONE,
                        "annotation",
                        MAP,
                        "Add an annotation to the container (passed through to the OCI runtime) (default map[])")
                .add('a', "attach", ATTACH, "Attach to STDIN, STDOUT or STDERR")
                .add(
                        NONE,
                        "blkio-weight",
                        UINT16,
                        "Block IO (relative weight), between 10 and 1000, or 0 to disable",
                        "0")
                .add(
                        NONE,
                        "blkio-weight-device",
                        WEIGHT,
                        "Block IO weight (relative device weight) (default [])")
                .add(NONE, "cap-add", LIST, "Add Linux capabilities")
                .add(NONE, "cap-drop", LIST, "Drop Linux capabilities")
                .add(NONE, "cgroup-conf", LIST, "Configure cgroup v2 (key=value)")
                .add(NONE, "cgroup-parent", STRING, "Optional parent cgroup for the container")
                .add(
                        NONE,
                        "cgroupns",
                        STRING,
                        "Cgroup namespace to use (host|private)\n'host':    Run the container in the host's cgroup namespace\n'private': Run the container in its own private cgroup namespace\n'':        Use the cgroup namespace as configured by the\ndefault-cgroupns-mode option on the daemon (default)")
                .add(NONE, "cidfile", STRING, "Write the container ID to the file")
                .add(NONE, "cpu-count", INT, "CPU count (Windows only)")
                .add(NONE, "cpu-percent", INT, "CPU percent (Windows only)")
                .add(NONE, "cpu-period", INT, "Limit CPU CFS (Completely Fair Scheduler) period")
                .add(NONE, "cpu-quota", INT, "Limit CPU CFS (Completely Fair Scheduler) quota")
                .add(NONE, "cpu-rt-period", INT, "Limit CPU real-time period in microseconds")
                .add(NONE, "cpu-rt-runtime", INT, "Limit CPU real-time runtime in microseconds")
                .add('c', "cpu-shares", INT, "CPU shares (relative weight)")
                .add(NONE, "cpus", DECIMAL, "Number of CPUs")
                .add(NONE, "cpuset-cpus", STRING, "CPUs in which to allow execution (0-3, 0,1)")
                .add(NONE, "cpuset-mems", STRING, "MEMs in which to allow execution (0-3, 0,1)")
                .add(NONE, "device", LIST, "Add a host device to the container")
                .add(
                        NONE,
                        "device-cgroup-rule",
                        DEVICE_RULE,
                        "Add a rule to the cgroup allowed devices list")
                .add(
                        NONE,
                        "device-read-bps",
                        BYTE_RATE,
                        "Limit read rate (bytes per second) from a device (default [])")
                .add(
                        NONE,
                        "device-read-iops",
                        OPERATION_RATE,
                        "Limit read rate (IO per second) from a device (default [])")
                .add(
                        NONE,
                        "device-write-bps",
                        BYTE_RATE,
                        "Limit write rate (bytes per second) to a device (default [])")
                .add(
                        NONE,
                        "device-write-iops",
                        OPERATION_RATE,
                        "Limit write rate (IO per second) to a device (default [])")
                .add(NONE, "disable-content-trust", BOOL, "Skip image verification", "true")
                .add(NONE, "dns", ADDRESS, "Set custom DNS servers")
                .add(NONE, "dns-option", LIST, "Set DNS options")
                .add(NONE, "dns-search", DOMAIN, "Set custom DNS search domains")
                .add(NONE, "domainname", STRING, "Container NIS domain name")
                .add(NONE, "entrypoint", STRING, "Overwrite the default ENTRYPOINT of the image")
                .add('e', "env", ENV, "Set environment variables")
                .add(NONE, "env-file", LIST, "Read in a file of environment variables")
                .add(NONE, "expose", LIST, "Expose a port or a range of ports")
                .add(
                        NONE,
                        "gpus",
                        GPUS,
                        "GPU devices to add to the container ('all' to pass all GPUs)")
                .add(NONE, "group-add", LIST, "Add additional groups to join")
                .add(NONE, "health-cmd", STRING, "Command to run to check health")
                .add(
                        NONE,
                        "health-interval",
                        DURATION,
                        "Time between running the check (ms|s|m|h)",
                        "0s")
                .add(NONE, "health-retries", INT, "Consecutive failures needed to report unhealthy")
                .add(
                        NONE,
                        "health-start-interval",
                        DURATION,
                        "Time between running the check during the start period (ms|s|m|h)",
                        "0s")
                .add(
                        NONE,
                        "health-start-period",
                        DURATION,
                        "Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)",
                        "0s")
                .add(
                        NONE,
                        "health-timeout",
                        DURATION,
                        "Maximum time to allow one check to run (ms|s|m|h)",
                        "0s")
                .add(NONE, "help", BOOL, "Print usage")
                .add('h', "hostname", STRING, "Container host name")
                .add(
                        NONE,
                        "init",
                        BOOL,
                        "Run an init inside the container that forwards signals and reaps processes")
                .add('i', "interactive", BOOL, "Keep STDIN open even if not attached")
                .add(
                        NONE,
                        "io-maxbandwidth",
                        BYTES,
                        "Maximum IO bandwidth limit for the system drive (Windows only)")
                .add(
                        NONE,
                        "io-maxiops",
                        UINT,
                        "Maximum IOps limit for the system drive (Windows only)")
                .add(NONE, "ip", STRING, "IPv4 address (e.g., 172.30.100.104)")
                .add(NONE, "ip6", STRING, "IPv6 address (e.g., 2001:db8::33)")
                .add(NONE, "ipc", STRING, "IPC mode to use")
                .add(NONE, "isolation", STRING, "Container isolation technology")
                .add(NONE, "kernel-memory", BYTES, "Kernel memory limit")
                .add('l', "label", LABEL, "Set meta data on a container")
                .add(NONE, "label-file", LIST, "Read in a line delimited file of labels")
                .add(NONE, "link", LINK, "Add link to another container")
                .add(NONE, "link-local-ip", LIST, "Container IPv4/IPv6 link-local addresses")
                .add(NONE, "log-driver", STRING, "Logging driver for the container")
                .add(NONE, "log-opt", LIST, "Log driver options")
                .add(NONE, "mac-address", STRING, "Container MAC address (e.g., 92:d0:c6:0a:29:33)")
                .add('m', "memory", BYTES, "Memory limit")
                .add(NONE, "memory-reservation", BYTES, "Memory soft limit")
                .add(
                        NONE,
                        "memory-swap",
                        SWAP,
                        "Swap limit equal to memory plus swap: '-1' to enable unlimited swap")
                .add(
                        NONE,
                        "memory-swappiness",
                        INT,
                        "Tune container memory swappiness (0 to 100)",
                        "-1")
                .add(NONE, "mount", MOUNT, "Attach a filesystem mount to the container")
                .add(NONE, "name", STRING, "Assign a name to the container")
                .add(NONE, "network", NETWORK, "Connect a container to a network")
                .add(NONE, "network-alias", LIST, "Add network-scoped alias for the container")
                .add(NONE, "no-healthcheck", BOOL, "Disable any container-specified HEALTHCHECK")
                .add(NONE, "oom-kill-disable", BOOL, "Disable OOM Killer")
                .add(NONE, "oom-score-adj", INT, "Tune host's OOM preferences (-1000 to 1000)")
                .add(NONE, "pid", STRING, "PID namespace to use")
                .add(NONE, "pids-limit", INT, "Tune container pids limit (set -1 for unlimited)")
                .add(NONE, "platform", STRING, "Set platform if server is multi-platform capable")
                .add(NONE, "privileged", BOOL, "Give extended privileges to this container")
                .add('p', "publish", LIST, "Publish a container's port(s) to the host")
                .add('P', "publish-all", BOOL, "Publish all exposed ports to random ports")
                .add(NONE, "pull", STRING, pullUsage, "missing")
                .add('q', "quiet", BOOL, "Suppress the pull output")
                .add(
                        NONE,
                        "rdt-class",
                        STRING,
                        "Class of Service (COS) that the container should be assigned to")
                .add(NONE, "read-only", BOOL, "Mount the container's root filesystem as read only")
                .add(
                        NONE,
                        "restart",
                        STRING,
                        "Restart policy to apply when a container exits",
                        "no")
                .add(
                        NONE,
                        "rm",
                        BOOL,
                        "Automatically remove the container and its associated anonymous volumes when it exits")
                .add(NONE, "runtime", STRING, "Runtime to use for this container")
                .add(NONE, "security-opt", LIST, "Security Options")
                .add(NONE, "shm-size", BYTES, "Size of /dev/shm")
                .add(NONE, "stop-signal", STRING, "Signal to stop the container")
                .add(NONE, "stop-timeout", INT, "Timeout (in seconds) to stop a container")
                .add(NONE, "storage-opt", LIST, "Storage driver options for the container")
                .add(NONE, "sysctl", SYSCTL, "Sysctl options (default map[])")
                .add(NONE, "tmpfs", LIST, "Mount a tmpfs directory")
                .add('t', "tty", BOOL, "Allocate a pseudo-TTY")
                .add(NONE, "ulimit", ULIMIT, "Ulimit options (default [])")
                .add(NONE, "use-api-socket", BOOL, "Bind mount API socket and required auth")
                .add('u', "user", STRING, "Username or UID (format: <name|uid>[:<group|gid>])")
                .add(NONE, "userns", STRING, "User namespace to use")
                .add(NONE, "uts", STRING, "UTS namespace to use")
                .add('v', "volume", LIST, "Bind mount a volume")
                .add(NONE, "volume-driver", STRING, "Optional volume driver for the container")
                .add(NONE, "volumes-from", LIST, "Mount volumes from the specified container(s)")
                .add('w', "workdir", STRING, "Working directory inside the container")
                .alias("net", NETWORK, "network")
                .alias("net-alias", LIST, "network-alias")
                .alias("dns-opt", LIST, "dns-option");
    }
}
