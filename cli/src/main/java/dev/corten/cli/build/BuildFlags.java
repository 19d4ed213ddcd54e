package dev.corten.cli.build;

import static dev.corten.cli.flags.FlagTable.NONE;

import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;

/// The options of `build`: those of `docker buildx build`, those of Docker's classic builder, and
/// ours.
final class BuildFlags {
    private BuildFlags() {}

    static FlagTable table() {
        FlagTable flags = new FlagTable();
        addCommon(flags);
        addResources(flags);
        flags.add(
                NONE,
                "debug-shell",
                FlagType.BOOL,
                "Open a shell in the state before the step that failed");
        return flags.add(
                NONE,
                "explain-cache",
                FlagType.BOOL,
                "Say of each step why it was or was not taken from the cache");
    }

    private static void addCommon(FlagTable flags) {
        flags.add(
                NONE,
                "add-host",
                FlagType.STRINGS,
                "Add a custom host-to-IP mapping (format: \"host:ip\")");
        array(
                flags,
                "allow",
                "Allow extra privileged entitlement (e.g., \"network.host\","
                        + " \"security.insecure\", \"device\")");
        array(flags, "annotation", "Add annotation to the image");
        array(flags, "attest", "Attestation parameters (format: \"type=sbom,generator=image\")");
        array(flags, "build-arg", "Set build-time variables");
        array(flags, "build-context", "Additional build contexts (e.g., name=path)");
        flags.add(NONE, "builder", FlagType.STRING, "Override the configured builder instance");
        array(
                flags,
                "cache-from",
                "External cache sources (e.g., \"user/app:cache\", \"type=local,src=path/to/dir\")");
        array(
                flags,
                "cache-to",
                "Cache export destinations (e.g., \"user/app:cache\","
                        + " \"type=local,dest=path/to/dir\")");
        flags.add(
                NONE,
                "call",
                FlagType.STRING,
                "Set method for evaluating build (\"check\", \"outline\", \"targets\")",
                "build");
        flags.add(
                NONE,
                "cgroup-parent",
                FlagType.STRING,
                "Set the parent cgroup for the \"RUN\" instructions during build");
        flags.add(NONE, "check", FlagType.BOOL, "Shorthand for \"--call=check\"");
        flags.add(
                'f',
                "file",
                FlagType.STRING,
                "Name of the Dockerfile (default: \"PATH/Dockerfile\")");
        flags.add(NONE, "iidfile", FlagType.STRING, "Write the image ID to a file");
        array(flags, "label", "Set metadata for an image");
        flags.add(NONE, "load", FlagType.BOOL, "Shorthand for \"--output=type=docker\"");
        flags.add(NONE, "metadata-file", FlagType.STRING, "Write build result metadata to a file");
        flags.add(
                NONE,
                "network",
                FlagType.STRING,
                "Set the networking mode for the \"RUN\" instructions during build",
                "default");
        flags.add(NONE, "no-cache", FlagType.BOOL, "Do not use cache when building the image");
        array(flags, "no-cache-filter", "Do not cache specified stages");
        flags.add(
                'o',
                "output",
                FlagType.STRING_ARRAY,
                "Output destination (format: \"type=local,dest=path\")");
        array(flags, "platform", "Set target platform for build");
        flags.add(
                NONE,
                "progress",
                FlagType.STRING,
                "Set type of progress output (\"auto\", \"none\",  \"plain\", \"quiet\","
                        + " \"rawjson\", \"tty\"). Use plain to show container output",
                "auto");
        flags.add(
                NONE, "provenance", FlagType.STRING, "Shorthand for \"--attest=type=provenance\"");
        flags.add(NONE, "pull", FlagType.BOOL, "Always attempt to pull all referenced images");
        flags.add(NONE, "push", FlagType.BOOL, "Shorthand for \"--output=type=registry\"");
        flags.add(
                'q',
                "quiet",
                FlagType.BOOL,
                "Suppress the build output and print image ID on success");
        flags.add(NONE, "sbom", FlagType.STRING, "Shorthand for \"--attest=type=sbom\"");
        array(
                flags,
                "secret",
                "Secret to expose to the build (format: \"id=mysecret[,src=/local/secret]\")");
        flags.add(NONE, "shm-size", FlagType.BYTES, "Shared memory size for build containers");
        array(
                flags,
                "ssh",
                "SSH agent socket or keys to expose to the build (format:"
                        + " \"default|<id>[=<socket>|<key>[,<key>]]\")");
        flags.add(
                't',
                "tag",
                FlagType.STRING_ARRAY,
                "Name and optionally a tag (format: \"name:tag\")");
        flags.add(NONE, "target", FlagType.STRING, "Set the target build stage to build");
        flags.add(NONE, "ulimit", FlagType.ULIMIT, "Ulimit options", "[]");
    }

    private static void addResources(FlagTable flags) {
        flags.add(NONE, "compress", FlagType.BOOL, "Compress the build context using gzip");
        flags.add(
                NONE,
                "cpu-period",
                FlagType.INT,
                "Limit the CPU CFS (Completely Fair Scheduler) period");
        flags.add(
                NONE,
                "cpu-quota",
                FlagType.INT,
                "Limit the CPU CFS (Completely Fair Scheduler) quota");
        flags.add('c', "cpu-shares", FlagType.INT, "CPU shares (relative weight)");
        flags.add(
                NONE,
                "cpuset-cpus",
                FlagType.STRING,
                "CPUs in which to allow execution (0-3, 0,1)");
        flags.add(
                NONE,
                "cpuset-mems",
                FlagType.STRING,
                "MEMs in which to allow execution (0-3, 0,1)");
        flags.add(NONE, "disable-content-trust", FlagType.BOOL, "Skip image verification", "true");
        flags.add(NONE, "force-rm", FlagType.BOOL, "Always remove intermediate containers");
        flags.add(NONE, "isolation", FlagType.STRING, "Container isolation technology");
        flags.add('m', "memory", FlagType.BYTES, "Memory limit");
        flags.add(
                NONE,
                "memory-swap",
                FlagType.SWAP,
                "Swap limit equal to memory plus swap: -1 to enable unlimited swap");
        flags.add(
                NONE,
                "rm",
                FlagType.BOOL,
                "Remove intermediate containers after a successful build",
                "true");
        flags.add(NONE, "security-opt", FlagType.STRINGS, "Security options");
        flags.add(
                NONE, "squash", FlagType.BOOL, "Squash newly built layers into a single new layer");
    }

    private static void array(FlagTable flags, String name, String usage) {
        flags.add(NONE, name, FlagType.STRING_ARRAY, usage);
    }
}
