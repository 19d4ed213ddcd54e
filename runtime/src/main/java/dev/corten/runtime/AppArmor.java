package dev.corten.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// AppArmor, where the kernel has it and its parser is installed, as Docker looks for it: a profile
/// for containers that bring none, and the choice among profiles.
public final class AppArmor {
    /// The profile of containers for which none is named; shared with other engines that know
    /// Docker's.
    public static final String DEFAULT = "docker-default";

    private static final System.Logger LOG = System.getLogger(AppArmor.class.getName());
    private static final String UNCONFINED = "unconfined";
    private static final Path PARSER = Path.of("/sbin/apparmor_parser");
    private static final Path FILE_SYSTEM = Path.of("/sys/kernel/security/apparmor");
    private static final Path ENABLED = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final Path CONFIGURATION = Path.of("/etc/apparmor.d");
    private static final int PARSER_SECONDS = 60;

    /// That of the kernel that runs this.
    public static final AppArmor HOST = new AppArmor(lookFor());

    private final boolean there;

    private AppArmor(boolean there) {
        this.there = there;
    }

    private static boolean lookFor() {
        try {
            return System.getenv("container") == null
                    && Files.exists(FILE_SYSTEM)
                    && Files.exists(PARSER)
                    && Files.readString(ENABLED).startsWith("Y");
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "whether AppArmor is enabled is not known", e);
            return false;
        }
    }

    /// Whether containers are confined by profiles.
    public boolean isThere() {
        return there;
    }

    /// The profile of a container, `""` where there are none.
    ///
    /// @param asked `""` for none
    public String profile(String asked, boolean privileged) {
        if (!there) {
            return "";
        }
        return !asked.isEmpty() ? asked : privileged ? UNCONFINED : DEFAULT;
    }

    /// Loads the default profile, unless the kernel has it. It may be gone at any time: the host's
    /// own tools remove what they do not know.
    ///
    /// @throws IOException in Docker's words
    public void loadDefault() throws IOException {
        if (!there || isLoaded()) {
            return;
        }
        try {
            parse(text());
        } catch (IOException e) {
            throw new IOException(
                    "AppArmor enabled on system but the "
                            + DEFAULT
                            + " profile could not be loaded: "
                            + e.getMessage(),
                    e);
        }
    }

    private static boolean isLoaded() throws IOException {
        try {
            return Files.readString(FILE_SYSTEM.resolve("profiles"))
                    .lines()
                    .anyMatch(line -> line.startsWith(DEFAULT + " "));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void parse(String profile) throws IOException {
        Process parser =
                new ProcessBuilder(PARSER.toString(), "-Kr").redirectErrorStream(true).start();
        try {
            try (var input = parser.getOutputStream()) {
                input.write(profile.getBytes(StandardCharsets.UTF_8));
            }
            byte[] said = parser.getInputStream().readAllBytes();
            if (!parser.waitFor(PARSER_SECONDS, TimeUnit.SECONDS) || parser.exitValue() != 0) {
                throw new IOException(
                        "running '"
                                + PARSER
                                + " -Kr' failed with output: "
                                + new String(said, StandardCharsets.UTF_8).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            parser.destroyForcibly();
        }
    }

    /// moby's `profiles/apparmor/template.go`.
    private static String text() throws IOException {
        String head =
                Files.exists(CONFIGURATION.resolve("tunables/global"))
                        ? "#include <tunables/global>"
                        : "@{PROC}=/proc/";
        String base =
                Files.exists(CONFIGURATION.resolve("abstractions/base"))
                        ? "#include <abstractions/base>"
                        : "";
        // Whoever ends containers: this daemon, under the profile that it has itself.
        String daemon = Files.readString(Path.of("/proc/self/attr/current")).strip();
        String peer = daemon.replaceAll(" \\([a-z]+\\)$", "");
        return """
        %s

        profile %s flags=(attach_disconnected,mediate_deleted) {
          %s

          network,
          capability,
          file,
          umount,
          # Host (privileged) processes may send signals to container processes.
          signal (receive) peer=unconfined,
          # The daemon may send signals to container processes (for "docker kill").
          signal (receive) peer=%s,
          # Container processes may send signals amongst themselves.
          signal (send,receive) peer=%s,

          deny @{PROC}/* w,   # deny write for all files directly in /proc (not in a subdir)
          # deny write to files not in /proc/<number>/** or /proc/sys/**
          deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w,
          deny @{PROC}/sys/[^k]** w,  # deny /proc/sys except /proc/sys/k*
          deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,  # deny all but shm* in /proc/sys/kernel/
          deny @{PROC}/sysrq-trigger rwklx,
          deny @{PROC}/kcore rwklx,

          deny mount,

          deny /sys/[^f]*/** wklx,
          deny /sys/f[^s]*/** wklx,
          deny /sys/fs/[^c]*/** wklx,
          deny /sys/fs/c[^g]*/** wklx,
          deny /sys/fs/cg[^r]*/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
          deny /sys/kernel/security/** rwklx,

          # allow processes within the container to trace each other,
          # provided all other LSM and yama setting allow it.
          ptrace (trace,tracedby,read,readby) peer=%s,
        }
        """
                .formatted(head, DEFAULT, base, peer, DEFAULT, DEFAULT);
    }
}
