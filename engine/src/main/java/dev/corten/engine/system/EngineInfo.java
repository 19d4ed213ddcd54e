package dev.corten.engine.system;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What `info` tells, at one moment.
///
/// @param id a UUID that stays the data root's
/// @param driverStatus pairs of a name and a value, in their order
/// @param architecture the kernel's word: `x86_64`
/// @param memTotal bytes
/// @param warnings about what the kernel lacks, in Docker's words
public record EngineInfo(
        String id,
        int containers,
        int running,
        int paused,
        int stopped,
        int images,
        String driver,
        List<Map.Entry<String, String>> driverStatus,
        CgroupSupport cgroups,
        boolean ipv4Forwarding,
        int openFiles,
        int threads,
        int eventListeners,
        Instant systemTime,
        String kernelVersion,
        String operatingSystem,
        String osVersion,
        String architecture,
        int processors,
        long memTotal,
        String dataRoot,
        String hostName,
        List<String> warnings,
        Configuration configuration) {
    public EngineInfo {
        driverStatus = List.copyOf(driverStatus);
        warnings = List.copyOf(warnings);
    }
}
