package dev.corten.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.seccomp.Abi;
import dev.corten.kernel.seccomp.KernelVersion;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Plans as text. `-Dgolden.update` rewrites the golden file.
class PlanTest {
    private static final Path GOLDEN = Path.of("src/test/resources/dev/corten/runtime/plan.txt");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    /// What every plan may name beside the paths of its spec.
    private static final Set<String> OWN_WORDS =
            Set.of("", "/", ".", "/proc", "null", "console", "ptmx", "dev/ptmx");

    private static final Host HOST =
            new Host() {
                @Override
                public int lastCapability() {
                    return 40;
                }

                @Override
                public Kind kind(PathBytes path) {
                    return path.toString().endsWith("s") ? Kind.DIRECTORY : Kind.FILE;
                }

                @Override
                public boolean isDirectory(Fd fd) {
                    return true;
                }
            };

    private static final Specs SPECS =
            new Specs(
                    EnumSet.allOf(Capability.class),
                    Abi.X86_64,
                    new KernelVersion(6, 18),
                    List.of());

    private static SpecRequest request(boolean tty, SpecRequest.FileSystem fileSystem) {
        return new SpecRequest(
                new SpecRequest.Command(
                        List.of("web", "-x"),
                        List.of("PATH=/usr/bin:/bin", "A=b"),
                        PathBytes.of("/srv"),
                        tty,
                        ConsoleSize.UNSET),
                SpecRequest.Privileges.defaults(),
                fileSystem,
                new SpecRequest.Sharing(
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        SpecRequest.Choice.OWN,
                        "web1",
                        ""),
                SpecRequest.Limits.defaults("/corten/web"));
    }

    private static Plan plan(Spec spec) throws Exception {
        try (Fd root = FileData.memfd("root");
                Fd exit = FileData.memfd("exit");
                Fd source = FileData.memfd("source")) {
            var sources = new java.util.HashMap<PathBytes, Fd>();
            for (Mount mount : spec.mounts()) {
                if (mount.isBind()) {
                    sources.put(mount.destination(), source);
                }
            }
            var launch =
                    new Launch(
                            new ContainerId("0123456789abcdef".repeat(4)),
                            spec,
                            root,
                            sources,
                            Map.of(),
                            Launch.Stdin.NONE,
                            Optional.empty(),
                            exit,
                            Launch.Stop.DEFAULT);
            return ContainerPlan.compile(launch, HOST, Placement.NONE, Optional.of(new byte[16]));
        }
    }

    @Test
    void aTypicalPlanReadsLikeItsSpec() throws Exception {
        var fileSystem =
                new SpecRequest.FileSystem(
                        true,
                        List.of(
                                new Mount(
                                        "/data",
                                        "bind",
                                        "/var/lib/x",
                                        List.of("rbind", "ro", "rprivate"))),
                        Map.of(PathBytes.of("/run"), "size=64k"),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new Device("/dev/net/tun", 'c', 10, 200, 0666)));
        String text = plan(SPECS.spec(request(true, fileSystem))).dump();
        if (System.getProperty("golden.update") != null || !Files.exists(GOLDEN)) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(GOLDEN, text);
        }
        assertThat(text).isEqualTo(Files.readString(GOLDEN));
    }

    /// CVE-2025-52565: neither the terminal nor the place for it can be swapped by anybody.
    @Test
    void theConsoleIsNotFoundByAPath() throws Exception {
        List<String> calls =
                plan(SPECS.spec(request(true, mountAt("/data")))).inside().stream()
                        .filter(step -> step.words().equals("mount the terminal on /dev/console"))
                        .map(Plan.Step::text)
                        .toList();
        assertThat(calls).hasSize(3);
        assertThat(calls.get(0)).matches("r\\d+ = open_tree\\(r\\d+, \"\", .*");
        assertThat(calls.get(1))
                .matches("r\\d+ = openat2\\(r\\d+, \"console\", \\{.*resolve 0xc}, 24\\)");
        assertThat(calls.get(2)).matches("move_mount\\(r\\d+, \"\", r\\d+, \"\", 68\\)");
    }

    @Test
    void noPlanNamesAPathThatItsSpecDoesNotHave() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            Spec spec = SPECS.spec(request(random.nextBoolean(), randomFiles(random)));
            Set<String> allowed = wordsOf(spec);
            for (Plan.Step step : plan(spec).inside()) {
                String call = step.text();
                if (!call.contains("FSOPEN") && !call.contains("FSCONFIG")) {
                    QUOTED.matcher(call.toLowerCase(java.util.Locale.ROOT))
                            .results()
                            .map(m -> m.group(1))
                            .filter(word -> word.contains("/"))
                            .forEach(word ->
                                    assertThat(allowed)
                                            .as("seed %d: %s", seed, call)
                                            .contains(word));
                }
            }
        }
    }

    private static SpecRequest.FileSystem randomFiles(Random random) {
        var mounts = new ArrayList<Mount>();
        for (int i = random.nextInt(6); i > 0; i--) {
            mounts.add(
                    new Mount(
                            "/m" + random.nextInt(4) + "/n" + random.nextInt(4),
                            "bind",
                            "/host/secret" + random.nextInt(9),
                            random.nextBoolean() ? List.of("rbind", "ro") : List.of("bind")));
        }
        return new SpecRequest.FileSystem(
                random.nextBoolean(),
                mounts,
                random.nextBoolean() ? Map.of() : Map.of(PathBytes.of("/t"), "size=1m"),
                0,
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(List.of(PathBytes.of("/hide/me"))),
                Optional.empty(),
                random.nextBoolean()
                        ? List.of()
                        : List.of(new Device("/opt/dev/node", 'c', 1, 3, 0600)));
    }

    /// Everything with a slash that a plan of this spec may say.
    private static Set<String> wordsOf(Spec spec) {
        var words = new TreeSet<>(OWN_WORDS);
        var paths = new ArrayList<PathBytes>();
        spec.mounts().forEach(m -> paths.add(m.destination()));
        paths.addAll(spec.linux().maskedPaths());
        paths.addAll(spec.linux().readonlyPaths());
        spec.linux().devices().forEach(d -> paths.add(d.path()));
        paths.add(spec.process().cwd());
        for (PathBytes path : paths) {
            String text = path.toString();
            words.add(text);
            // Relative to the root, below /dev, and what leads there.
            for (int slash = 0; slash >= 0; slash = text.indexOf('/', slash + 1)) {
                words.add(text.substring(0, slash));
                words.add(text.substring(1, Math.max(1, slash)));
            }
            words.add(text.substring(1));
            words.add(text.replaceFirst("^/dev/", ""));
        }
        spec.linux().sysctl().keySet().forEach(k -> words.add("sys/" + k.replace('.', '/')));
        words.addAll(
                List.of(
                        "/proc/self/fd",
                        "/proc/self/fd/0",
                        "/proc/self/fd/1",
                        "/proc/self/fd/2",
                        "/proc/kcore",
                        "pts/ptmx",
                        "/usr/bin/web",
                        "/bin/web"));
        return words;
    }

    @Test
    void hostileRequestsAreRefused() {
        assertThatThrownBy(() -> plan(SPECS.spec(request(false, mountAt("/proc")))))
                .isInstanceOf(Internal.class)
                .hasMessageEndingWith("\"/proc\" cannot be mounted because it is not of type proc");
        assertThatThrownBy(() -> plan(SPECS.spec(request(false, mountAt("/proc/self/attr")))))
                .isInstanceOf(Internal.class)
                .hasMessageEndingWith(
                        "\"/proc/self/attr\" cannot be mounted because it is inside /proc");
        for (String name : // CVE-2022-0811
                List.of("kernel.core_pattern", "kernel.shm_rmid_forced+x", "net/../kernel/x")) {
            assertThatThrownBy(() -> plan(withSysctl(name, "1")))
                    .isInstanceOf(CortenException.class);
        }
        assertThatThrownBy(
                        () -> plan(withSysctl("kernel.shm_rmid_forced", "1+kernel.core_pattern=x")))
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> SPECS.capabilities(List.of("bogus"), List.of(), false))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid CapAdd: unknown capability: \"CAP_BOGUS\"");
    }

    private static SpecRequest.FileSystem mountAt(String path) {
        return new SpecRequest.FileSystem(
                false,
                List.of(new Mount(path, "bind", "/x", List.of("bind"))),
                Map.of(),
                0,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    private static Spec withSysctl(String name, String value) {
        SpecRequest r = request(false, SpecRequest.FileSystem.defaults());
        SpecRequest.Limits l = r.limits();
        return SPECS.spec(
                new SpecRequest(
                        r.command(),
                        r.privileges(),
                        r.fileSystem(),
                        r.sharing(),
                        new SpecRequest.Limits(
                                l.resources(),
                                List.of(),
                                List.of(),
                                Map.of(name, value),
                                l.oomScoreAdj(),
                                l.cgroupsPath(),
                                l.rdtClass())));
    }

    @Test
    void capabilitiesFollowDockersFlags() {
        assertThat(Capability.mask(SPECS.capabilities(List.of(), List.of(), false)))
                .isEqualTo(0xa80425fbL);
        assertThat(SPECS.capabilities(List.of("NET_ADMIN"), List.of("ALL"), false))
                .containsExactly(Capability.NET_ADMIN);
        assertThat(SPECS.capabilities(List.of("ALL"), List.of("CAP_CHOWN"), false))
                .hasSize(40)
                .doesNotContain(Capability.CHOWN);
        assertThat(SPECS.capabilities(List.of(), List.of("chown", "KILL"), false))
                .hasSize(12)
                .doesNotContain(Capability.CHOWN, Capability.KILL);
        assertThat(SPECS.capabilities(List.of(), List.of(), true)).hasSize(41);
    }
}
