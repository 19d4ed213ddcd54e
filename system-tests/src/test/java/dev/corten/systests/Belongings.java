package dev.corten.systests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// All that one engine has on the machine. Its names for these things, by which they are found
/// here, are a promise (ARCHITECTURE.md, several daemons): they carry the first half of a word of the data root's SHA-256.
final class Belongings {
    /// More network sandboxes are not kept ready.
    private static final int PREPARED = 12;

    private static final int ID_DIGITS = 64;

    private final Path root;
    private final String tag;

    Belongings(Path root, Path dataRoot) {
        this.root = root;
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(dataRoot.toString().getBytes(UTF_8));
            this.tag = HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What is left of containers while the daemon still runs, after a moment for what ends in
    /// the background.
    List<String> awaitNoneOfContainers() {
        try {
            Eventually.get("no trace of containers", this::ofContainers, List::isEmpty);
            return List.of();
        } catch (AssertionError e) {
            return List.of(e.getMessage());
        }
    }

    private List<String> ofContainers() throws IOException {
        var found = new ArrayList<String>();
        mounts().stream().filter(m -> m.contains("/overlay")).forEach(found::add);
        for (long pid : processes()) {
            String command = commandLine(pid);
            if (!command.contains("zygote") && !command.contains("dev.corten.daemon")) {
                found.add("process " + pid + " " + command);
            }
        }
        for (Path group : groups()) {
            if (!group.getFileName().toString().matches("corten-" + tag + "(-monitors)?")) {
                found.add("control group " + group);
            }
        }
        return found;
    }

    /// What is there while these containers run and belongs to none of them.
    ///
    /// @param running their IDs
    List<String> besides(Set<String> running) throws IOException {
        var found = new ArrayList<String>();
        List<String> mounts = mounts();
        mounts.stream().filter(m -> m.contains("/overlay")).forEach(found::add);
        if (mounts.size() > running.size() + PREPARED) {
            found.add(mounts.size() + " mounts for " + running.size() + " containers");
        }
        int links = links().size();
        if (links > running.size() + PREPARED) {
            found.add(links + " links for " + running.size() + " containers");
        }
        for (long pid : processes()) {
            String command = commandLine(pid);
            String group = read(Path.of("/proc/" + pid + "/cgroup"));
            if (!command.isEmpty()
                    && !command.contains("zygote")
                    && !command.contains("dev.corten.daemon")
                    && running.stream()
                            .noneMatch(id -> group.contains(id) || command.contains(id))) {
                found.add("process " + pid + " " + command);
            }
        }
        for (Path group : groups()) {
            String name = group.getFileName().toString();
            if (name.length() == ID_DIGITS && !running.contains(name)) {
                found.add("control group " + group);
            }
        }
        return found;
    }

    /// How many ports the firewall translates.
    int publishedPorts() {
        String json =
                Running.run("nft", "-j", "list", "map", "inet", "corten-" + tag, "ports").ok();
        for (JsonNode object : JsonMapper.shared().readTree(json).path("nftables")) {
            if (object.has("map")) {
                return object.path("map").path("elem").size();
            }
        }
        throw new AssertionError("no map of ports: " + json);
    }

    /// Ends and removes all there is. The answer lists what should not have been there: a daemon
    /// that has ended may leave its bridge, its firewall and its empty control groups, since
    /// containers go on without it.
    List<String> removeWhatIsLeft() {
        try {
            var complaints = new ArrayList<String>();
            List<Long> processes = ended();
            for (long pid : processes) {
                complaints.add("process " + pid + " " + commandLine(pid));
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            if (!processes.isEmpty()) {
                Eventually.holds("they end", () -> processes().isEmpty());
            }
            for (String mount : mounts().reversed()) {
                complaints.add("mount " + mount);
                Running.run("umount", "-l", mount);
            }
            for (Path link : links()) {
                String name = link.getFileName().toString();
                if (!name.equals("corten" + tag)) {
                    complaints.add("link " + name);
                    Running.run("ip", "link", "del", name);
                }
            }
            Running.run("ip", "link", "del", "corten" + tag);
            Running.run("nft", "delete", "table", "inet", "corten-" + tag);
            for (Path group : groups().reversed()) {
                Files.deleteIfExists(group);
            }
            return complaints;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Processes that go on after a moment in which they could have ended.
    private List<Long> ended() throws IOException {
        try {
            Eventually.holds("processes end", () -> processes().isEmpty());
        } catch (AssertionError e) {
            return processes();
        }
        return List.of();
    }

    /// Whether nothing is there, not even what a daemon may leave.
    boolean isNothing() {
        try {
            return mounts().isEmpty()
                    && groups().isEmpty()
                    && processes().isEmpty()
                    && !Files.exists(Path.of("/sys/class/net/corten" + tag));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void deleteRoot() {
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(Path folder, IOException failure)
                                throws IOException {
                            Files.delete(folder);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Mount points below the root, in the order of mounting.
    List<String> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"), ISO_8859_1).stream()
                .map(line -> line.split(" ")[4])
                .filter(target -> target.startsWith(root + "/"))
                .toList();
    }

    private List<Path> links() throws IOException {
        var bridge = Path.of("/sys/class/net/corten" + tag);
        var found = new ArrayList<Path>();
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            for (Path link : all.toList()) {
                Path master = link.resolve("master");
                boolean ours =
                        Files.exists(master)
                                && Files.readSymbolicLink(master).endsWith(bridge.getFileName());
                if (ours) {
                    found.add(link);
                }
            }
        }
        return found;
    }

    /// Parents first.
    private List<Path> groups() throws IOException {
        var found = new ArrayList<Path>();
        try (Stream<Path> controllers = Files.list(Path.of("/sys/fs/cgroup"))) {
            var tops = new ArrayList<>(controllers.toList());
            tops.add(Path.of("/sys/fs/cgroup"));
            for (Path top : tops) {
                for (String name : List.of("corten-" + tag, "corten-" + tag + "-monitors")) {
                    Path group = top.resolve(name);
                    if (Files.isDirectory(group) && !Files.isSymbolicLink(top)) {
                        addWithThoseBelow(group, found);
                    }
                }
            }
        }
        return found;
    }

    /// Groups go while they are looked at.
    private static void addWithThoseBelow(Path group, List<Path> found) throws IOException {
        Files.walkFileTree(
                group,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) {
                        found.add(directory);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException failure) {
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path directory, IOException failure) {
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// Whoever is in a control group of this engine or has its paths among its arguments.
    List<Long> processes() throws IOException {
        var found = new ArrayList<Long>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.toList()) {
                String name = process.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit)
                        && Long.parseLong(name) != ProcessHandle.current().pid()
                        && (read(process.resolve("cgroup")).contains("/corten-" + tag)
                                || isOurs(read(process.resolve("cmdline"))))) {
                    found.add(Long.parseLong(name));
                }
            }
        }
        return found;
    }

    private boolean isOurs(String commandLine) {
        return commandLine.contains(root + "/exec") && !commandLine.startsWith("docker");
    }

    static String commandLine(long pid) {
        return read(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ').strip();
    }

    /// Empty if there is no such process any more.
    static String read(Path file) {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
