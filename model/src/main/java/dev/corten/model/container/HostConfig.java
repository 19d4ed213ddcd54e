package dev.corten.model.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The part of a container's description that depends on the host (the API's `HostConfig`), with
/// all of its members so that `inspect` gives back what was asked.
///
/// There are too many components to call the constructor by hand: change one with [#edit()].
///
/// @param networkMode `bridge`, `none`, `host`, `container:NAME`, or the name of a network
/// @param portBindings keys are `80/tcp`
/// @param consoleSize rows and columns; two numbers
/// @param cgroupnsMode `host` or `private`
/// @param extraHosts `name:address`
/// @param tmpfs options by path
/// @param shmSize bytes
/// @param cpuShares Docker's scale, 2 to 262144; 0 means default
/// @param memory bytes; 0 means no limit
/// @param nanoCpus billionths of a CPU
/// @param cpuPeriod microseconds
/// @param cpuQuota microseconds; -1 means no limit
/// @param cpuRealtimePeriod microseconds
/// @param cpuRealtimeRuntime microseconds
/// @param memoryReservation bytes
/// @param memorySwap bytes, memory included; -1 means no limit
/// @param memorySwappiness 0 to 100, or null
/// @param pidsLimit null means no limit
/// @param cpuCount Windows only
/// @param cpuPercent Windows only
/// @param ioMaximumIOps Windows only
/// @param ioMaximumBandwidth Windows only
/// @param cgroupConf files of the container's control group of version 2, with what to write
/// @param rdtClass the class of service of the processor's caches, or null
public record HostConfig(
        @Nullable List<String> binds,
        String containerIdFile,
        LogConfig logConfig,
        String networkMode,
        @Nullable Map<String, List<PortBinding>> portBindings,
        RestartPolicy restartPolicy,
        boolean autoRemove,
        String volumeDriver,
        @Nullable List<String> volumesFrom,
        List<Integer> consoleSize,
        @Nullable Map<String, String> annotations,
        @Nullable List<String> capAdd,
        @Nullable List<String> capDrop,
        String cgroupnsMode,
        @Nullable List<String> dns,
        @Nullable List<String> dnsOptions,
        @Nullable List<String> dnsSearch,
        @Nullable List<String> extraHosts,
        @Nullable List<String> groupAdd,
        String ipcMode,
        String cgroup,
        @Nullable List<String> links,
        int oomScoreAdj,
        String pidMode,
        boolean privileged,
        boolean publishAllPorts,
        boolean readonlyRootfs,
        @Nullable List<String> securityOpt,
        @Nullable Map<String, String> storageOpt,
        @Nullable Map<String, String> tmpfs,
        String utsMode,
        String usernsMode,
        long shmSize,
        @Nullable Map<String, String> sysctls,
        String runtime,
        String isolation,
        long cpuShares,
        long memory,
        long nanoCpus,
        String cgroupParent,
        int blkioWeight,
        @Nullable List<WeightDevice> blkioWeightDevice,
        @Nullable List<ThrottleDevice> blkioDeviceReadBps,
        @Nullable List<ThrottleDevice> blkioDeviceWriteBps,
        @Nullable List<ThrottleDevice> blkioDeviceReadIOps,
        @Nullable List<ThrottleDevice> blkioDeviceWriteIOps,
        long cpuPeriod,
        long cpuQuota,
        long cpuRealtimePeriod,
        long cpuRealtimeRuntime,
        String cpusetCpus,
        String cpusetMems,
        @Nullable List<DeviceMapping> devices,
        @Nullable List<String> deviceCgroupRules,
        @Nullable List<DeviceRequest> deviceRequests,
        long memoryReservation,
        long memorySwap,
        @Nullable Long memorySwappiness,
        @Nullable Boolean oomKillDisable,
        @Nullable Boolean init,
        @Nullable Long pidsLimit,
        @Nullable List<Ulimit> ulimits,
        long cpuCount,
        long cpuPercent,
        long ioMaximumIOps,
        long ioMaximumBandwidth,
        @Nullable List<MountRequest> mounts,
        @Nullable List<String> maskedPaths,
        @Nullable List<String> readonlyPaths,
        @Nullable Map<String, String> cgroupConf,
        @Nullable String rdtClass) {
    /// What the API assumes when a request has no `HostConfig`.
    public static final HostConfig DEFAULT = new Editor().done();

    /// A copy that can be changed.
    public Editor edit() {
        var editor = new Editor();
        editor.binds = binds;
        editor.containerIdFile = containerIdFile;
        editor.logConfig = logConfig;
        editor.networkMode = networkMode;
        editor.portBindings = portBindings;
        editor.restartPolicy = restartPolicy;
        editor.autoRemove = autoRemove;
        editor.volumeDriver = volumeDriver;
        editor.volumesFrom = volumesFrom;
        editor.consoleSize = consoleSize;
        editor.annotations = annotations;
        editor.capAdd = capAdd;
        editor.capDrop = capDrop;
        editor.cgroupnsMode = cgroupnsMode;
        editor.dns = dns;
        editor.dnsOptions = dnsOptions;
        editor.dnsSearch = dnsSearch;
        editor.extraHosts = extraHosts;
        editor.groupAdd = groupAdd;
        editor.ipcMode = ipcMode;
        editor.cgroup = cgroup;
        editor.links = links;
        editor.oomScoreAdj = oomScoreAdj;
        editor.pidMode = pidMode;
        editor.privileged = privileged;
        editor.publishAllPorts = publishAllPorts;
        editor.readonlyRootfs = readonlyRootfs;
        editor.securityOpt = securityOpt;
        editor.storageOpt = storageOpt;
        editor.tmpfs = tmpfs;
        editor.utsMode = utsMode;
        editor.usernsMode = usernsMode;
        editor.shmSize = shmSize;
        editor.sysctls = sysctls;
        editor.runtime = runtime;
        editor.isolation = isolation;
        editor.cpuShares = cpuShares;
        editor.memory = memory;
        editor.nanoCpus = nanoCpus;
        editor.cgroupParent = cgroupParent;
        editor.blkioWeight = blkioWeight;
        editor.blkioWeightDevice = blkioWeightDevice;
        editor.blkioDeviceReadBps = blkioDeviceReadBps;
        editor.blkioDeviceWriteBps = blkioDeviceWriteBps;
        editor.blkioDeviceReadIOps = blkioDeviceReadIOps;
        editor.blkioDeviceWriteIOps = blkioDeviceWriteIOps;
        editor.cpuPeriod = cpuPeriod;
        editor.cpuQuota = cpuQuota;
        editor.cpuRealtimePeriod = cpuRealtimePeriod;
        editor.cpuRealtimeRuntime = cpuRealtimeRuntime;
        editor.cpusetCpus = cpusetCpus;
        editor.cpusetMems = cpusetMems;
        editor.devices = devices;
        editor.deviceCgroupRules = deviceCgroupRules;
        editor.deviceRequests = deviceRequests;
        editor.memoryReservation = memoryReservation;
        editor.memorySwap = memorySwap;
        editor.memorySwappiness = memorySwappiness;
        editor.oomKillDisable = oomKillDisable;
        editor.init = init;
        editor.pidsLimit = pidsLimit;
        editor.ulimits = ulimits;
        editor.cpuCount = cpuCount;
        editor.cpuPercent = cpuPercent;
        editor.ioMaximumIOps = ioMaximumIOps;
        editor.ioMaximumBandwidth = ioMaximumBandwidth;
        editor.mounts = mounts;
        editor.maskedPaths = maskedPaths;
        editor.readonlyPaths = readonlyPaths;
        editor.cgroupConf = cgroupConf;
        editor.rdtClass = rdtClass;
        return editor;
    }

    /// The members of a [HostConfig] under construction.
    public static final class Editor {
        public @Nullable List<String> binds;
        public String containerIdFile = "";
        public LogConfig logConfig = LogConfig.UNSAID;
        public String networkMode = "";
        public @Nullable Map<String, List<PortBinding>> portBindings;
        public RestartPolicy restartPolicy = RestartPolicy.NO;
        public boolean autoRemove = false;
        public String volumeDriver = "";
        public @Nullable List<String> volumesFrom;
        public List<Integer> consoleSize = List.of(0, 0);
        public @Nullable Map<String, String> annotations;
        public @Nullable List<String> capAdd;
        public @Nullable List<String> capDrop;
        public String cgroupnsMode = "";
        public @Nullable List<String> dns;
        public @Nullable List<String> dnsOptions;
        public @Nullable List<String> dnsSearch;
        public @Nullable List<String> extraHosts;
        public @Nullable List<String> groupAdd;
        public String ipcMode = "";
        public String cgroup = "";
        public @Nullable List<String> links;
        public int oomScoreAdj = 0;
        public String pidMode = "";
        public boolean privileged = false;
        public boolean publishAllPorts = false;
        public boolean readonlyRootfs = false;
        public @Nullable List<String> securityOpt;
        public @Nullable Map<String, String> storageOpt;
        public @Nullable Map<String, String> tmpfs;
        public String utsMode = "";
        public String usernsMode = "";
        public long shmSize = 0;
        public @Nullable Map<String, String> sysctls;
        public String runtime = "";
        public String isolation = "";
        public long cpuShares = 0;
        public long memory = 0;
        public long nanoCpus = 0;
        public String cgroupParent = "";
        public int blkioWeight = 0;
        public @Nullable List<WeightDevice> blkioWeightDevice;
        public @Nullable List<ThrottleDevice> blkioDeviceReadBps;
        public @Nullable List<ThrottleDevice> blkioDeviceWriteBps;
        public @Nullable List<ThrottleDevice> blkioDeviceReadIOps;
        public @Nullable List<ThrottleDevice> blkioDeviceWriteIOps;
        public long cpuPeriod = 0;
        public long cpuQuota = 0;
        public long cpuRealtimePeriod = 0;
        public long cpuRealtimeRuntime = 0;
        public String cpusetCpus = "";
        public String cpusetMems = "";
        public @Nullable List<DeviceMapping> devices;
        public @Nullable List<String> deviceCgroupRules;
        public @Nullable List<DeviceRequest> deviceRequests;
        public long memoryReservation = 0;
        public long memorySwap = 0;
        public @Nullable Long memorySwappiness;
        public @Nullable Boolean oomKillDisable;
        public @Nullable Boolean init;
        public @Nullable Long pidsLimit;
        public @Nullable List<Ulimit> ulimits;
        public long cpuCount = 0;
        public long cpuPercent = 0;
        public long ioMaximumIOps = 0;
        public long ioMaximumBandwidth = 0;
        public @Nullable List<MountRequest> mounts;
        public @Nullable List<String> maskedPaths;
        public @Nullable List<String> readonlyPaths;
        public @Nullable Map<String, String> cgroupConf;
        public @Nullable String rdtClass;

        public HostConfig done() {
            return new HostConfig(
                    binds,
                    containerIdFile,
                    logConfig,
                    networkMode,
                    portBindings,
                    restartPolicy,
                    autoRemove,
                    volumeDriver,
                    volumesFrom,
                    consoleSize,
                    annotations,
                    capAdd,
                    capDrop,
                    cgroupnsMode,
                    dns,
                    dnsOptions,
                    dnsSearch,
                    extraHosts,
                    groupAdd,
                    ipcMode,
                    cgroup,
                    links,
                    oomScoreAdj,
                    pidMode,
                    privileged,
                    publishAllPorts,
                    readonlyRootfs,
                    securityOpt,
                    storageOpt,
                    tmpfs,
                    utsMode,
                    usernsMode,
                    shmSize,
                    sysctls,
                    runtime,
                    isolation,
                    cpuShares,
                    memory,
                    nanoCpus,
                    cgroupParent,
                    blkioWeight,
                    blkioWeightDevice,
                    blkioDeviceReadBps,
                    blkioDeviceWriteBps,
                    blkioDeviceReadIOps,
                    blkioDeviceWriteIOps,
                    cpuPeriod,
                    cpuQuota,
                    cpuRealtimePeriod,
                    cpuRealtimeRuntime,
                    cpusetCpus,
                    cpusetMems,
                    devices,
                    deviceCgroupRules,
                    deviceRequests,
                    memoryReservation,
                    memorySwap,
                    memorySwappiness,
                    oomKillDisable,
                    init,
                    pidsLimit,
                    ulimits,
                    cpuCount,
                    cpuPercent,
                    ioMaximumIOps,
                    ioMaximumBandwidth,
                    mounts,
                    maskedPaths,
                    readonlyPaths,
                    cgroupConf,
                    rdtClass);
        }
    }
}
