package dev.corten.cli.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.cli.failure.Failure;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The root file system of an image of the registry server: what is installed of it, the libraries
/// that its JVM is linked with, and a shell with the usual commands.
///
/// ```
/// bin/{busybox,sh,ls,...}, bin/registry      or the host's sh and ls with their libraries
/// entrypoint.sh, etc/docker/registry/config.yml
/// lib..., lib64                              of the host, at the same paths
/// usr/lib/corten/{bin,lib}
/// ```
final class RegistryImageContent {
    private static final String HOME = "usr/lib/corten/";

    /// Parts of the runtime that no server needs.
    private static final Pattern UNUSED =
            Pattern.compile(
                    "bin/(?!corten-registry$).*"
                            + "|lib/lib(?:awt|font|freetype|javajpeg|jawt|lcms|mlib|splash|jsound|"
                            + "j2pkcs11|prefs|jsig).*"
                            + "|lib/psfont.*|lib/jfr/.*|lib/(?:classlist|jexec|jrt-fs\\.jar)"
                            + "|legal/.*|man/.*|include/.*");

    private static final List<String> HOST_COMMANDS =
            List.of("sh", "ls", "cat", "rm", "mkdir", "ps", "env", "find", "readlink", "grep");

    private static final Pattern LIBRARY = Pattern.compile("(?:=> )?(/\\S+) \\(0x");

    private static final String ENTRYPOINT =
            """
            #!/bin/sh
            set -e
            case "$1" in
            *.yaml | *.yml) set -- registry serve "$@" ;;
            serve | garbage-collect | help | -*) set -- registry "$@" ;;
            esac
            exec "$@"
            """;

    private static final String CONFIG =
            """
            version: 0.1
            log:
              fields:
                service: registry
            storage:
              cache:
                blobdescriptor: inmemory
              filesystem:
                rootdirectory: /var/lib/registry
            http:
              addr: :5000
              headers:
                X-Content-Type-Options: [nosniff]
            health:
              storagedriver:
                enabled: true
                interval: 10s
                threshold: 3
            """;

    private final Path lib;

    /// By name; the parents of each come before it.
    private final Map<String, Member> members = new TreeMap<>();

    /// One file of the image.
    private sealed interface Member {
        record Copy(Path file, int mode) implements Member {}

        record Text(String text, int mode) implements Member {}

        record Link(String target) implements Member {}

        record Folder(int mode) implements Member {}
    }

    /// @param program the launcher of the registry server
    RegistryImageContent(File program) throws IOException {
        this.lib = program.getCanonicalFile().toPath().resolveSibling("../lib").normalize();
        server();
        text("entrypoint.sh", ENTRYPOINT, 0755);
        text("etc/docker/registry/config.yml", CONFIG, 0644);
        text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0644);
        text("etc/group", "root:x:0:\n", 0644);
        text("etc/nsswitch.conf", "hosts: files dns\n", 0644);
        folder("tmp", 01777);
        folder("var/lib/registry", 0755);
        folder("root", 0700);
        commands();
        link("bin/registry", "/" + HOME + "bin/corten-registry");
    }

    private void server() throws IOException {
        copy(HOME + "bin/corten-registry", lib.resolve("../bin/corten-registry").normalize());
        for (String name : List.of("corten-registry.aot", "corten-registry.jvm", "release.jvm")) {
            copy(HOME + "lib/" + name, lib.resolve(name));
        }
        var programs = new ArrayList<Path>();
        try (Stream<Path> natives = Files.list(lib.resolve("native"))) {
            for (Path file : natives.filter(f -> f.toString().contains("netty")).toList()) {
                copy(HOME + "lib/native/" + file.getFileName(), file);
                programs.add(file);
            }
        }
        Path runtime = lib.resolve("runtime");
        try (Stream<Path> below = Files.walk(runtime)) {
            for (Path file : below.filter(Files::isRegularFile).toList()) {
                String name = runtime.relativize(file).toString();
                if (!UNUSED.matcher(name).matches()) {
                    copy(HOME + "lib/runtime/" + name, file);
                    if (name.endsWith(".so") || name.startsWith("bin/")) {
                        programs.add(file);
                    }
                }
            }
        }
        libraries(programs);
    }

    /// A busybox without libraries does for everything; else the host's own programs.
    private void commands() throws IOException {
        for (String path : List.of("/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static")) {
            Path busybox = Path.of(path);
            if (Files.isExecutable(busybox) && needed(busybox).isEmpty()) {
                copy("bin/busybox", busybox);
                for (String applet : output(List.of(path, "--list"))) {
                    if (!applet.equals("busybox")) {
                        link("bin/" + applet, "/bin/busybox");
                    }
                }
                return;
            }
        }
        var programs = new ArrayList<Path>();
        for (String name : HOST_COMMANDS) {
            for (String folder : List.of("/bin/", "/usr/bin/")) {
                Path file = Path.of(folder + name);
                if (Files.isExecutable(file)) {
                    copy("bin/" + name, file);
                    programs.add(file);
                    break;
                }
            }
        }
        if (!members.containsKey("bin/sh")) {
            throw new Failure("no shell for the image: install busybox-static");
        }
        libraries(programs);
    }

    /// Everything that these are linked with outside of the runtime, and what the C library opens to
    /// look up names.
    private void libraries(List<Path> programs) throws IOException {
        var all = new TreeSet<String>();
        for (Path program : programs) {
            all.addAll(needed(program));
        }
        for (String library : List.copyOf(all)) {
            if (library.contains("/libc.so")) {
                for (String name :
                        List.of("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2")) {
                    Path file = Path.of(library).resolveSibling(name);
                    if (Files.exists(file)) {
                        all.add(file.toString());
                    }
                }
            }
        }
        for (String library : all) {
            if (!library.startsWith(lib.toString())) {
                copy(library.substring(1), Path.of(library));
            }
        }
    }

    private static Set<String> needed(Path program) throws IOException {
        var needed = new TreeSet<String>();
        for (String line : output(List.of("ldd", program.toString()))) {
            Matcher library = LIBRARY.matcher(line);
            if (library.find()) {
                needed.add(Path.of(library.group(1)).normalize().toString());
            }
        }
        return needed;
    }

    /// The lines that a program prints; its failure is none of ours.
    private static List<String> output(List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            return new String(out.readAllBytes(), UTF_8).lines().toList();
        }
    }

    private void copy(String name, Path file) throws IOException {
        Path real = file.toRealPath();
        members.put(name, new Member.Copy(real, Files.isExecutable(real) ? 0755 : 0644));
    }

    private void text(String name, String text, int mode) {
        members.put(name, new Member.Text(text, mode));
    }

    private void link(String name, String target) {
        members.put(name, new Member.Link(target));
    }

    private void folder(String name, int mode) {
        members.put(name, new Member.Folder(mode));
    }

    /// Writes the archive; [out] stays open.
    void write(OutputStream out) throws IOException {
        var tar = new TarWriter(out);
        var folders = new TreeSet<String>();
        for (var member : members.entrySet()) {
            for (String parent : parents(member.getKey())) {
                if (folders.add(parent) && !members.containsKey(parent)) {
                    tar.add(TarEntry.directory(parent + "/", 0755));
                }
            }
            write(tar, member.getKey(), member.getValue());
        }
        tar.finish();
    }

    private static void write(TarWriter tar, String name, Member member) throws IOException {
        switch (member) {
            case Member.Copy(Path file, int mode) -> {
                try (InputStream in = Files.newInputStream(file)) {
                    // The JVM knows its caches by the times of what they were made of.
                    var time = Files.getLastModifiedTime(file).toInstant();
                    tar.add(TarEntry.file(name, mode, Files.size(file)).withTime(time), in);
                }
            }
            case Member.Text(String text, int mode) -> {
                byte[] bytes = text.getBytes(UTF_8);
                tar.add(TarEntry.file(name, mode, bytes.length), new ByteArrayInputStream(bytes));
            }
            case Member.Link(String target) -> tar.add(TarEntry.symlink(name, target));
            case Member.Folder(int mode) -> tar.add(TarEntry.directory(name + "/", mode));
        }
    }

    /// The outermost first.
    private static List<String> parents(String name) {
        var parents = new ArrayList<String>();
        for (int slash = name.lastIndexOf('/');
                slash > 0;
                slash = name.lastIndexOf('/', slash - 1)) {
            parents.add(name.substring(0, slash));
        }
        Collections.reverse(parents);
        return parents;
    }
}
