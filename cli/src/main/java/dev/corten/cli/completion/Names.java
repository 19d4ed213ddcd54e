package dev.corten.cli.completion;

import dev.corten.cli.command.Filters;
import dev.corten.cli.console.Environment;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import dev.corten.model.RawText;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// What may stand in a place of the command line: names that the daemon knows now, and words that
/// options take.
public final class Names {
    private static final Set<String> FILES =
            Set.of(
                    "cidfile",
                    "config",
                    "env-file",
                    "label-file",
                    "pidfile",
                    "tlscacert",
                    "tlscert",
                    "tlskey",
                    "input",
                    "output",
                    "file",
                    "iidfile",
                    "metadata-file",
                    "secret",
                    "ssh",
                    "build-context",
                    "volume",
                    "device");

    private static final Set<String> FREE =
            Set.of(
                    "name",
                    "hostname",
                    "label",
                    "user",
                    "workdir",
                    "entrypoint",
                    "publish",
                    "expose",
                    "memory",
                    "cpus",
                    "format",
                    "since",
                    "until",
                    "tail",
                    "detach-keys",
                    "time",
                    "timeout",
                    "last",
                    "host",
                    "filter",
                    "username",
                    "password",
                    "author",
                    "message",
                    "change",
                    "limit",
                    "tag",
                    "build-arg",
                    "annotation",
                    "keep-storage",
                    "reserved-space",
                    "max-used-space",
                    "min-free-space");

    /// Of a longer one the rest is not looked at.
    private static final int DOCKERFILE_MAX = 1 << 20;

    private final Setup setup;
    private final Environment environment;

    public Names(Setup setup, Environment environment) {
        this.setup = setup;
        this.environment = environment;
    }

    public boolean takesFile(String flag) {
        return FILES.contains(flag);
    }

    public boolean isFreeText(String flag) {
        return FREE.contains(flag);
    }

    public boolean takesFileArgument(String command) {
        return switch (command) {
            case "artifact add",
                    "artifact extract",
                    "image import",
                    "context import",
                    "context export",
                    "image build",
                    "container run",
                    "container create",
                    "container exec",
                    "container cp" ->
                    true;
            default -> false;
        };
    }

    /// The arguments of a command.
    ///
    /// @param position how many stand before it
    public List<String> ofArgument(String command, int position) {
        return switch (command) {
            case "container attach",
                    "container exec",
                    "container debug",
                    "container top",
                    "container port" ->
                    position == 0 ? containers("running") : List.of();
            case "container stop", "container kill", "container pause", "container stats" ->
                    containers("running");
            case "container unpause" -> containers("paused");
            case "container start" -> containers("exited", "created");
            case "container logs",
                    "container diff",
                    "container rename",
                    "container export",
                    "container commit",
                    "container clone",
                    "container cp" ->
                    position == 0 ? containers() : List.of();
            case "container rm",
                    "container restart",
                    "container wait",
                    "container update",
                    "container inspect",
                    "container exists",
                    "container mount",
                    "container unmount" ->
                    containers();
            case "container run", "container create", "image ls", "image history", "image push" ->
                    position == 0 ? images() : List.of();
            case "image tag",
                    "image convert",
                    "image rm",
                    "image inspect",
                    "image save",
                    "image exists",
                    "image untag" ->
                    images();
            case "artifact inspect", "artifact push", "artifact add", "artifact extract" ->
                    position == 0 ? artifacts() : List.of();
            case "artifact rm" -> artifacts();
            case "volume rm", "volume inspect", "volume exists" -> volumes();
            case "network rm", "network inspect", "network exists" -> networks();
            case "network connect", "network disconnect" ->
                    position == 0 ? networks() : position == 1 ? containers() : List.of();
            case "context use", "context export", "context update" ->
                    position == 0 ? contexts() : List.of();
            case "context rm", "context inspect" -> contexts();
            case "login", "logout" -> position == 0 ? registries() : List.of();
            case "inspect" -> {
                var all = new ArrayList<>(containers());
                all.addAll(images());
                all.addAll(networks());
                all.addAll(volumes());
                yield all;
            }
            default -> List.of();
        };
    }

    /// The values of a command's option, by its name or letter.
    ///
    /// @param path as the command was called
    public List<String> ofFlag(String path, String flag) {
        return switch (flag) {
            case "network", "net" -> networks();
            case "volumes-from", "link" -> containers();
            case "context" -> contexts();
            case "log-level" -> List.of("debug", "info", "warn", "error", "fatal");
            case "progress" -> List.of("auto", "none", "plain", "quiet", "rawjson", "tty");
            case "call" -> List.of("build", "check", "outline", "targets");
            case "builder" -> List.of("default");
            case "allow" -> List.of("device", "network.host", "security.insecure");
            case "target", "no-cache-filter" -> stages();
            case "pull" -> List.of("always", "missing", "never");
            case "restart" -> List.of("no", "always", "on-failure", "unless-stopped");
            case "attach" -> List.of("STDIN", "STDOUT", "STDERR");
            case "cgroupns" -> List.of("host", "private");
            case "pid" -> namespaces("host");
            case "ipc" -> namespaces("host", "none", "private", "shareable");
            case "uts", "userns" -> List.of("host");
            case "log-driver" -> List.of("json-file", "local", "none");
            case "security-opt" ->
                    List.of(
                            "apparmor=",
                            "label=",
                            "no-new-privileges",
                            "seccomp=",
                            "systempaths=unconfined");
            case "cap-add", "cap-drop" -> capabilities();
            case "signal", "stop-signal" -> signals();
            case "env" -> new ArrayList<>(environment.variables().keySet());
            case "platform" -> platforms();
            case "type" -> List.of("container", "image", "network", "volume");
            case "mount" -> List.of("type=bind", "type=tmpfs", "type=volume");
            case "filter" -> filters(path);
            default -> List.of();
        };
    }

    /// The stages of the Dockerfile that is here, by their names.
    private List<String> stages() {
        var stages = new ArrayList<String>();
        String text;
        try (var in = new FileInputStream("Dockerfile")) {
            text = RawText.decode(in.readNBytes(DOCKERFILE_MAX));
        } catch (IOException e) {
            setup.trace().accept("no stages for completion: " + e.getMessage());
            return stages;
        }
        for (String line : text.split("\n")) {
            String[] words = line.strip().split("[ \t]+");
            int as = words.length - 2;
            boolean named = as > 0 && words[as].equalsIgnoreCase("as");
            if (named && words[0].equalsIgnoreCase("from")) {
                stages.add(words[as + 1]);
            }
        }
        return stages;
    }

    private static List<String> filters(String path) {
        String command = path.substring(path.lastIndexOf(' ') + 1);
        return switch (command) {
            case "ps", "ls", "list" ->
                    path.startsWith("container") || path.equals("ps")
                            ? List.of(
                                    "ancestor=",
                                    "before=",
                                    "exited=",
                                    "expose=",
                                    "health=",
                                    "id=",
                                    "label=",
                                    "name=",
                                    "network=",
                                    "publish=",
                                    "since=",
                                    "status=",
                                    "volume=")
                            : List.of("dangling=", "driver=", "label=", "name=");
            case "images" ->
                    List.of("before=", "dangling=", "label=", "reference=", "since=", "until=");
            case "search" -> List.of("is-automated=", "is-official=", "stars=");
            case "events" ->
                    List.of(
                            "container=",
                            "daemon=",
                            "event=",
                            "image=",
                            "label=",
                            "network=",
                            "scope=",
                            "type=",
                            "volume=");
            case "prune" -> List.of("label=", "label!=", "until=");
            default -> List.of();
        };
    }

    private static List<String> platforms() {
        return List.of(
                "linux/386",
                "linux/amd64",
                "linux/arm",
                "linux/arm/v5",
                "linux/arm/v6",
                "linux/arm/v7",
                "linux/arm64",
                "linux/arm64/v8",
                "linux/ppc64le",
                "linux/riscv64",
                "linux/s390x");
    }

    /// The registries that somebody is logged in to.
    private List<String> registries() {
        return new ArrayList<>(setup.config().get("auths").members().keySet());
    }

    private List<String> namespaces(String... words) {
        var all = new ArrayList<>(List.of(words));
        for (String name : containers("running")) {
            all.add("container:" + name);
        }
        return all;
    }

    private static List<String> capabilities() {
        var names = new ArrayList<>(List.of("ALL"));
        for (String name :
                new String[] {
                    "AUDIT_CONTROL",
                    "AUDIT_READ",
                    "AUDIT_WRITE",
                    "BLOCK_SUSPEND",
                    "BPF",
                    "CHECKPOINT_RESTORE",
                    "CHOWN",
                    "DAC_OVERRIDE",
                    "DAC_READ_SEARCH",
                    "FOWNER",
                    "FSETID",
                    "IPC_LOCK",
                    "IPC_OWNER",
                    "KILL",
                    "LEASE",
                    "LINUX_IMMUTABLE",
                    "MAC_ADMIN",
                    "MAC_OVERRIDE",
                    "MKNOD",
                    "NET_ADMIN",
                    "NET_BIND_SERVICE",
                    "NET_BROADCAST",
                    "NET_RAW",
                    "PERFMON",
                    "SETFCAP",
                    "SETGID",
                    "SETPCAP",
                    "SETUID",
                    "SYSLOG",
                    "SYS_ADMIN",
                    "SYS_BOOT",
                    "SYS_CHROOT",
                    "SYS_MODULE",
                    "SYS_NICE",
                    "SYS_PACCT",
                    "SYS_PTRACE",
                    "SYS_RAWIO",
                    "SYS_RESOURCE",
                    "SYS_TIME",
                    "SYS_TTY_CONFIG",
                    "WAKE_ALARM"
                }) {
            names.add("CAP_" + name);
        }
        return names;
    }

    private static List<String> signals() {
        return List.of(
                "ABRT", "ALRM", "CONT", "HUP", "INT", "KILL", "QUIT", "STOP", "TERM", "TSTP",
                "TTIN", "TTOU", "USR1", "USR2", "WINCH");
    }

    /// @param states all of them if none is named
    private List<String> containers(String... states) {
        Request request = Request.get("/containers/json").query("all", "1");
        var filters = new Filters(List.of());
        for (String state : states) {
            filters.add("status", state);
        }
        filters.addTo(request);
        return listed(request, Names::nameOfContainer);
    }

    private static List<String> nameOfContainer(Json container) {
        var names = new ArrayList<String>();
        for (Json name : container.get("Names").items()) {
            String bare = name.text("").substring(1);
            if (bare.indexOf('/') < 0) {
                names.add(bare);
            }
        }
        return names;
    }

    private List<String> images() {
        return listed(
                Request.get("/images/json"),
                image -> {
                    var names = new ArrayList<String>();
                    for (Json tag : image.get("RepoTags").items()) {
                        names.add(tag.text(""));
                    }
                    return names;
                });
    }

    private List<String> networks() {
        return listed(Request.get("/networks"), network -> List.of(network.get("Name").text("")));
    }

    private List<String> volumes() {
        return listed(Request.get("/volumes"), volume -> List.of(volume.get("Name").text("")));
    }

    private List<String> artifacts() {
        return listed(
                Request.get("/corten/v1/artifacts/json"),
                artifact -> List.of(artifact.get("Name").text("")));
    }

    private List<String> listed(Request request, Function<Json, List<String>> names) {
        var all = new ArrayList<String>();
        try {
            Json answer = setup.daemon().api().json(request);
            Json list = answer.get("Volumes").isAbsent() ? answer : answer.get("Volumes");
            for (Json item : list.items()) {
                all.addAll(names.apply(item));
            }
        } catch (IOException | CortenException | Failure e) {
            // In the middle of a line there is no place for a message: nothing fits, then.
            setup.trace().accept("no names for completion: " + e.getMessage());
        }
        return all;
    }

    private List<String> contexts() {
        var all = new ArrayList<>(List.of(ContextStore.DEFAULT));
        try {
            all.addAll(setup.contexts().names());
        } catch (IOException e) {
            setup.trace().accept("no contexts for completion: " + e.getMessage());
        }
        return all;
    }
}
