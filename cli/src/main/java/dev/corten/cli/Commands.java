package dev.corten.cli;

import dev.corten.cli.artifact.AddArtifact;
import dev.corten.cli.artifact.ExtractArtifact;
import dev.corten.cli.artifact.InspectArtifact;
import dev.corten.cli.artifact.ListArtifacts;
import dev.corten.cli.artifact.MoveArtifact;
import dev.corten.cli.artifact.RemoveArtifacts;
import dev.corten.cli.build.BuildCommand;
import dev.corten.cli.command.Command;
import dev.corten.cli.completion.CompletionScript;
import dev.corten.cli.container.AttachCommand;
import dev.corten.cli.container.CloneContainer;
import dev.corten.cli.container.CommitCommand;
import dev.corten.cli.container.CreateCommand;
import dev.corten.cli.container.DebugCommand;
import dev.corten.cli.container.DiffCommand;
import dev.corten.cli.container.ExecCommand;
import dev.corten.cli.container.ExportCommand;
import dev.corten.cli.container.KillCommand;
import dev.corten.cli.container.ListContainers;
import dev.corten.cli.container.LogsCommand;
import dev.corten.cli.container.MountCommand;
import dev.corten.cli.container.PauseCommand;
import dev.corten.cli.container.PortCommand;
import dev.corten.cli.container.RemoveContainers;
import dev.corten.cli.container.RenameCommand;
import dev.corten.cli.container.RunCommand;
import dev.corten.cli.container.StartCommand;
import dev.corten.cli.container.StatsCommand;
import dev.corten.cli.container.StopCommand;
import dev.corten.cli.container.TopCommand;
import dev.corten.cli.container.UnmountCommand;
import dev.corten.cli.container.UpdateCommand;
import dev.corten.cli.container.WaitCommand;
import dev.corten.cli.context.CreateContext;
import dev.corten.cli.context.ExportContext;
import dev.corten.cli.context.ImportContext;
import dev.corten.cli.context.InspectContexts;
import dev.corten.cli.context.ListContexts;
import dev.corten.cli.context.RemoveContexts;
import dev.corten.cli.context.ShowContext;
import dev.corten.cli.context.UpdateContext;
import dev.corten.cli.context.UseContext;
import dev.corten.cli.image.ConvertImage;
import dev.corten.cli.image.CopyImage;
import dev.corten.cli.image.HistoryCommand;
import dev.corten.cli.image.ImportCommand;
import dev.corten.cli.image.ListImages;
import dev.corten.cli.image.LoadCommand;
import dev.corten.cli.image.MountImages;
import dev.corten.cli.image.PullCommand;
import dev.corten.cli.image.PushCommand;
import dev.corten.cli.image.RemoveImages;
import dev.corten.cli.image.SaveCommand;
import dev.corten.cli.image.ScpImage;
import dev.corten.cli.image.ShowLayers;
import dev.corten.cli.image.TagCommand;
import dev.corten.cli.image.UntagImage;
import dev.corten.cli.manifest.AnnotateManifest;
import dev.corten.cli.manifest.CreateManifest;
import dev.corten.cli.manifest.InspectManifest;
import dev.corten.cli.manifest.PushManifest;
import dev.corten.cli.manifest.RemoveManifests;
import dev.corten.cli.network.ListNetworks;
import dev.corten.cli.registry.LoginCommand;
import dev.corten.cli.registry.LogoutCommand;
import dev.corten.cli.registry.RegistryImage;
import dev.corten.cli.registry.RegistryProgram;
import dev.corten.cli.registry.SearchCommand;
import dev.corten.cli.system.CheckCommand;
import dev.corten.cli.system.DialStdio;
import dev.corten.cli.system.DiskUsage;
import dev.corten.cli.system.EventsCommand;
import dev.corten.cli.system.ExistsCommand;
import dev.corten.cli.system.InfoCommand;
import dev.corten.cli.system.InitCommand;
import dev.corten.cli.system.InspectCommand;
import dev.corten.cli.system.MigrateCommand;
import dev.corten.cli.system.PruneBuilder;
import dev.corten.cli.system.PruneCommand;
import dev.corten.cli.system.PruneVolumes;
import dev.corten.cli.system.SystemPrune;
import dev.corten.cli.system.VersionCommand;
import dev.corten.cli.volume.ListVolumes;
import dev.corten.cli.volume.RemoveVolumes;
import dev.corten.cli.volume.VolumeCreateCommand;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The table of commands: under which names they are found, and what help says of them.
final class Commands {
    /// @param paths all names, the grouped one first: `container ls`, `container list`, `ps`
    /// @param usage what follows the name in the usage line
    /// @param common whether help lists it among the common ones
    /// @param hidden whether help does not list it at all
    record Entry(List<String> paths, String usage, String summary, boolean common, boolean hidden) {
        String name() {
            return paths.getFirst();
        }

        /// The name without a group under which help lists it; empty if it has none.
        String topLevel() {
            for (String path : paths) {
                if (path.indexOf(' ') < 0) {
                    return path;
                }
            }
            return "";
        }
    }

    /// A word that stands before commands of one kind.
    /// @param hidden whether help does not list it
    /// @param about what help of the group itself says
    record Group(String name, String summary, String about, boolean hidden) {
        Group(String name, String summary) {
            this(name, summary, summary, false);
        }
    }

    private static final String COMPLETION =
            "Generate the autocompletion script for docker for the specified shell.\n"
                    + "See each sub-command's help for details on how to use the generated script.";

    private static final String MANIFEST =
            """
            The **docker manifest** command has subcommands for managing image manifests and
            manifest lists. A manifest list allows you to use one name to refer to the same image
            built for multiple architectures.

            To see help for a subcommand, use:

                docker manifest CMD --help

            For full details on using docker manifest lists, see the registry v2 specification.

            EXPERIMENTAL:
              docker manifest is an experimental feature.
              Experimental features provide early access to product functionality. These
              features may change between releases without warning, or can be removed from a
              future release. Learn more about experimental features in our documentation:
              https://docs.docker.com/go/experimental/\
            """;

    private static final String ONE_OR_MORE = "[OPTIONS] CONTAINER [CONTAINER...]";

    private final List<Entry> entries = new ArrayList<>();
    private final List<Group> groups =
            List.of(
                    new Group("artifact", "Manage OCI artifacts"),
                    new Group("builder", "Manage builds"),
                    new Group(
                            "buildx",
                            "Docker Buildx",
                            "Extended build capabilities with BuildKit",
                            true),
                    new Group("completion", COMPLETION, COMPLETION, true),
                    new Group("container", "Manage containers"),
                    new Group("context", "Manage contexts"),
                    new Group("image", "Manage images"),
                    new Group(
                            "manifest",
                            "Manage Docker image manifests and manifest lists",
                            MANIFEST,
                            false),
                    new Group("network", "Manage networks"),
                    new Group("registry", "Manage the registry server"),
                    new Group("system", "Manage Corten"),
                    new Group("volume", "Manage volumes"));

    Commands() {
        add(
                true,
                "Create and run a new container from an image",
                "[OPTIONS] IMAGE [COMMAND] [ARG...]",
                "container run",
                "run");
        add(
                true,
                "Execute a command in a running container",
                "[OPTIONS] CONTAINER COMMAND [ARG...]",
                "container exec",
                "exec");
        add(
                true,
                "List containers",
                "[OPTIONS]",
                "container ls",
                "container list",
                "container ps",
                "ps");
        add(
                true,
                "Build an image from a Dockerfile",
                "[OPTIONS] PATH | URL | -",
                "image build",
                "build",
                "builder build",
                "buildx build",
                "buildx b");
        add(false, "Remove build cache", "[OPTIONS]", "builder prune", "buildx prune");
        add(
                true,
                "Download an image from a registry",
                "[OPTIONS] NAME[:TAG|@DIGEST]",
                "image pull",
                "pull");
        add(true, "Upload an image to a registry", "[OPTIONS] NAME[:TAG]", "image push", "push");
        add(
                true,
                "List images",
                "[OPTIONS] [REPOSITORY[:TAG]]",
                "image ls",
                "image list",
                "images");
        add(true, "Authenticate to a registry", "[OPTIONS] [SERVER]", "login");
        add(true, "Log out from a registry", "[SERVER]", "logout");
        add(true, "Search Docker Hub for images", "[OPTIONS] TERM", "search");
        add(true, "Show the Corten version information", "[OPTIONS]", "version");
        add(true, "Display system-wide information", "[OPTIONS]", "system info", "info");
        for (String shell : new String[] {"bash", "fish", "powershell", "zsh"}) {
            add(
                    false,
                    "Generate the autocompletion script for " + shell,
                    "",
                    "completion " + shell);
        }
        for (String kind : new String[] {"container", "image", "network", "volume"}) {
            add(
                    false,
                    "Tell by the exit code whether there is such " + article(kind),
                    kind.toUpperCase(java.util.Locale.ROOT),
                    kind + " exists");
        }
        add(
                false,
                "Create a container that is configured as another one is",
                "[OPTIONS] CONTAINER [NAME [IMAGE]]",
                "container clone");
        add(
                false,
                "Get a shell with tools in a container that need not have any",
                "[OPTIONS] CONTAINER [COMMAND] [ARG...]",
                "container debug",
                "debug");
        add(
                false,
                "Mount the root file systems of containers, or list what is mounted",
                "[OPTIONS] [CONTAINER...]",
                "container mount",
                "mount");
        add(
                false,
                "Unmount the root file systems of containers",
                "[OPTIONS] CONTAINER [CONTAINER...]",
                "container unmount",
                "container umount",
                "unmount",
                "umount");
        add(false, "Write a Dockerfile, .dockerignore and compose file to begin with", "", "init");
        add(false, "Create a context", "[OPTIONS] CONTEXT", "context create");
        add(
                false,
                "Export a context to a tar archive FILE or a tar stream on STDOUT.",
                "[OPTIONS] CONTEXT [FILE|-]",
                "context export");
        add(false, "Import a context from a tar or zip file", "CONTEXT FILE|-", "context import");
        add(
                false,
                "Display detailed information on one or more contexts",
                "[OPTIONS] [CONTEXT] [CONTEXT...]",
                "context inspect");
        add(false, "List contexts", "[OPTIONS]", "context ls", "context list");
        add(
                false,
                "Remove one or more contexts",
                "CONTEXT [CONTEXT...]",
                "context rm",
                "context remove");
        add(false, "Print the name of the current context", "", "context show");
        add(false, "Update a context", "[OPTIONS] CONTEXT", "context update");
        add(false, "Set the current docker context", "CONTEXT", "context use");
        add(
                false,
                "Display detailed information on one or more networks",
                "[OPTIONS] NETWORK [NETWORK...]",
                "network inspect");
        add(false, "List networks", "[OPTIONS]", "network ls", "network list");
        add(false, "Remove all unused networks", "[OPTIONS]", "network prune");
        add(false, "Show docker disk usage", "[OPTIONS]", "system df");
        addHidden("Proxy the stdio stream to the daemon connection", "", "system dial-stdio");
        add(
                false,
                "Copy images, volumes and stopped containers from a Docker Engine on this host",
                "[OPTIONS] [PATH]",
                "system migrate");
        add(
                false,
                "Look for damage in the store of images, and repair it",
                "[OPTIONS]",
                "system check",
                "system fsck");
        add(false, "Remove unused data", "[OPTIONS]", "system prune");
        add(
                false,
                "List port mappings or a specific mapping for the container",
                "CONTAINER [PRIVATE_PORT[/PROTO]]",
                "container port",
                "port");
        add(
                false,
                "Attach local standard input, output, and error streams to a running container",
                "[OPTIONS] CONTAINER",
                "container attach",
                "attach");
        add(
                false,
                "Create a new container",
                "[OPTIONS] IMAGE [COMMAND] [ARG...]",
                "container create",
                "create");
        add(
                false,
                "Inspect changes to files or directories on a container's filesystem",
                "CONTAINER",
                "container diff",
                "diff");
        add(false, "Get real time events from the server", "[OPTIONS]", "system events", "events");
        add(
                false,
                "Import the contents from a tarball to create a filesystem image",
                "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
                "image import",
                "import");
        add(
                false,
                "Return low-level information on Corten objects",
                "[OPTIONS] NAME|ID [NAME|ID...]",
                "inspect");
        add(false, "Serve images from a directory", "[CONFIG]", "registry serve");
        add(
                false,
                "Delete what no image in the registry refers to",
                "[OPTIONS] [CONFIG]",
                "registry garbage-collect");
        add(false, "Make an image of the registry server", "[OPTIONS]", "registry image");
        add(
                false,
                "Display detailed information on one or more containers",
                ONE_OR_MORE,
                "container inspect");
        add(
                false,
                "Display detailed information on one or more images",
                "[OPTIONS] IMAGE [IMAGE...]",
                "image inspect");
        add(false, "Kill one or more running containers", ONE_OR_MORE, "container kill", "kill");
        add(false, "Load an image from a tar archive or STDIN", "[OPTIONS]", "image load", "load");
        add(
                false,
                "Fetch the logs of a container",
                "[OPTIONS] CONTAINER",
                "container logs",
                "logs");
        add(
                false,
                "Pause all processes within one or more containers",
                "CONTAINER [CONTAINER...]",
                "container pause",
                "pause");
        add(false, "Remove unused images", "[OPTIONS]", "image prune");
        add(false, "Remove all stopped containers", "[OPTIONS]", "container prune");
        add(false, "Rename a container", "CONTAINER NEW_NAME", "container rename", "rename");
        add(false, "Restart one or more containers", ONE_OR_MORE, "container restart", "restart");
        add(
                false,
                "Remove one or more containers",
                ONE_OR_MORE,
                "container rm",
                "container remove",
                "rm");
        add(
                false,
                "Remove one or more images",
                "[OPTIONS] IMAGE [IMAGE...]",
                "image rm",
                "image remove",
                "rmi");
        add(false, "Start one or more stopped containers", ONE_OR_MORE, "container start", "start");
        add(
                false,
                "Display a live stream of container(s) resource usage statistics",
                "[OPTIONS] [CONTAINER...]",
                "container stats",
                "stats");
        add(false, "Stop one or more running containers", ONE_OR_MORE, "container stop", "stop");
        add(
                false,
                "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
                "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
                "image tag",
                "tag");
        add(
                false,
                "Display the running processes of a container",
                "CONTAINER [ps OPTIONS]",
                "container top",
                "top");
        add(
                false,
                "Unpause all processes within one or more containers",
                "CONTAINER [CONTAINER...]",
                "container unpause",
                "unpause");
        add(
                false,
                "Update configuration of one or more containers",
                ONE_OR_MORE,
                "container update",
                "update");
        add(
                false,
                "Block until one or more containers stop, then print their exit codes",
                "CONTAINER [CONTAINER...]",
                "container wait",
                "wait");
        addVolumes();
        addImages();
        addManifests();
        addArtifacts();
    }

    private void addArtifacts() {
        add(
                false,
                "Add an OCI artifact to the local store",
                "[OPTIONS] ARTIFACT PATH [PATH...]",
                "artifact add");
        add(
                false,
                "Extract an OCI artifact to a local path",
                "[OPTIONS] ARTIFACT PATH",
                "artifact extract");
        add(false, "Inspect an OCI artifact", "[OPTIONS] ARTIFACT", "artifact inspect");
        add(false, "List OCI artifacts", "[OPTIONS]", "artifact ls", "artifact list");
        add(false, "Pull an OCI artifact", "[OPTIONS] ARTIFACT", "artifact pull");
        add(false, "Push an OCI artifact", "[OPTIONS] ARTIFACT", "artifact push");
        add(
                false,
                "Remove one or more OCI artifacts",
                "[OPTIONS] ARTIFACT [ARTIFACT...]",
                "artifact rm",
                "artifact remove");
    }

    private void addManifests() {
        add(
                false,
                "Compress the layers of an image in another way",
                "[OPTIONS] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
                "image convert");
        add(
                false,
                "Copy an image from one registry to another",
                "[OPTIONS] SOURCE TARGET",
                "image copy");
        add(
                false,
                "Mount the files of images read-only, or list what is mounted",
                "[IMAGE...]",
                "image mount");
        add(
                false,
                "Copy an image from one machine's engine to another's",
                "[OPTIONS] [HOST::]IMAGE [HOST::]",
                "image scp");
        add(
                false,
                "Unmount the files of images",
                "[OPTIONS] IMAGE [IMAGE...]",
                "image unmount",
                "image umount");
        add(false, "Show the layers of an image, and who shares them", "IMAGE", "image tree");
        add(
                false,
                "Remove names from an image, which stays",
                "IMAGE [NAME...]",
                "image untag",
                "untag");
        add(
                false,
                "Add additional information to a local image manifest",
                "[OPTIONS] MANIFEST_LIST MANIFEST",
                "manifest annotate");
        add(
                false,
                "Create a local manifest list for annotating and pushing to a registry",
                "MANIFEST_LIST MANIFEST [MANIFEST...]",
                "manifest create");
        add(
                false,
                "Display an image manifest, or manifest list",
                "[OPTIONS] [MANIFEST_LIST] MANIFEST",
                "manifest inspect");
        add(
                false,
                "Push a manifest list to a repository",
                "[OPTIONS] MANIFEST_LIST",
                "manifest push");
        add(
                false,
                "Delete one or more manifest lists from local storage",
                "MANIFEST_LIST [MANIFEST_LIST...]",
                "manifest rm");
    }

    private void addImages() {
        add(
                false,
                "Create a new image from a container's changes",
                "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
                "container commit",
                "commit");
        add(
                false,
                "Export a container's filesystem as a tar archive",
                "[OPTIONS] CONTAINER",
                "container export",
                "export");
        add(false, "Show the history of an image", "[OPTIONS] IMAGE", "image history", "history");
        add(
                false,
                "Save one or more images to a tar archive (streamed to STDOUT by default)",
                "[OPTIONS] IMAGE [IMAGE...]",
                "image save",
                "save");
    }

    private void addVolumes() {
        add(false, "Create a volume", "[OPTIONS] [VOLUME]", "volume create");
        add(
                false,
                "Display detailed information on one or more volumes",
                "[OPTIONS] VOLUME [VOLUME...]",
                "volume inspect");
        add(false, "List volumes", "[OPTIONS]", "volume ls", "volume list");
        add(false, "Remove unused local volumes", "[OPTIONS]", "volume prune");
        add(
                false,
                "Remove one or more volumes",
                "[OPTIONS] VOLUME [VOLUME...]",
                "volume rm",
                "volume remove");
    }

    private static String article(String kind) {
        return (kind.equals("image") ? "an " : "a ") + kind;
    }

    private void add(boolean common, String summary, String usage, String... paths) {
        entries.add(new Entry(List.of(paths), usage, summary, common, false));
    }

    private void addHidden(String summary, String usage, String path) {
        entries.add(new Entry(List.of(path), usage, summary, false, true));
    }

    List<Entry> entries() {
        return entries;
    }

    List<Group> groups() {
        return groups;
    }

    @Nullable Group group(String name) {
        for (Group group : groups) {
            if (group.name.equals(name)) {
                return group;
            }
        }
        return null;
    }

    @Nullable Entry find(String path) {
        for (Entry entry : entries) {
            if (entry.paths.contains(path)) {
                return entry;
            }
        }
        return null;
    }

    /// The words that may stand after [group], or first if it is empty.
    Set<String> words(String group) {
        var words = new LinkedHashSet<String>();
        for (Entry entry : entries) {
            for (String path : entry.paths) {
                int space = path.indexOf(' ');
                if (space < 0 && group.isEmpty()) {
                    words.add(path);
                } else if (space == group.length() && path.startsWith(group) && space > 0) {
                    words.add(path.substring(space + 1));
                }
            }
        }
        if (group.isEmpty()) {
            for (Group each : groups) {
                words.add(each.name);
            }
        }
        return words;
    }

    /// Only the class of the command that is run gets loaded.
    static Command make(Entry entry) {
        return switch (entry.name()) {
            case "container run" -> new RunCommand();
            case "container create" -> new CreateCommand();
            case "container start" -> new StartCommand();
            case "container attach" -> new AttachCommand();
            case "container exec" -> new ExecCommand();
            case "container ls" -> new ListContainers();
            case "container logs" -> new LogsCommand();
            case "container stats" -> new StatsCommand();
            case "container stop" -> new StopCommand("stop");
            case "container restart" -> new StopCommand("restart");
            case "container pause" -> new PauseCommand("pause");
            case "container unpause" -> new PauseCommand("unpause");
            case "container top" -> new TopCommand();
            case "container diff" -> new DiffCommand();
            case "volume create" -> new VolumeCreateCommand();
            case "volume inspect" -> new InspectCommand("volume");
            case "volume ls" -> new ListVolumes();
            case "volume prune" -> new PruneVolumes();
            case "volume rm" -> new RemoveVolumes();
            case "container update" -> new UpdateCommand();
            case "container prune" -> new PruneCommand("container");
            case "image prune" -> new PruneCommand("image");
            case "container port" -> new PortCommand();
            case "container clone" -> new CloneContainer();
            case "container debug" -> new DebugCommand();
            case "container mount" -> new MountCommand();
            case "container unmount" -> new UnmountCommand();
            case "init" -> new InitCommand();
            case "container exists" -> new ExistsCommand("container");
            case "image exists" -> new ExistsCommand("image");
            case "network exists" -> new ExistsCommand("network");
            case "volume exists" -> new ExistsCommand("volume");
            case "completion bash" -> new CompletionScript("bash");
            case "completion fish" -> new CompletionScript("fish");
            case "completion powershell" -> new CompletionScript("powershell");
            case "completion zsh" -> new CompletionScript("zsh");
            case "network inspect" -> new InspectCommand("network");
            case "network ls" -> new ListNetworks();
            case "network prune" -> new PruneCommand("network");
            case "context create" -> new CreateContext();
            case "context export" -> new ExportContext();
            case "context import" -> new ImportContext();
            case "context inspect" -> new InspectContexts();
            case "context ls" -> new ListContexts();
            case "context rm" -> new RemoveContexts();
            case "context show" -> new ShowContext();
            case "context update" -> new UpdateContext();
            case "context use" -> new UseContext();
            case "system df" -> new DiskUsage();
            case "system dial-stdio" -> new DialStdio();
            case "system check" -> new CheckCommand();
            case "system migrate" -> new MigrateCommand();
            case "system prune" -> new SystemPrune();
            case "container kill" -> new KillCommand();
            case "container rm" -> new RemoveContainers();
            case "container rename" -> new RenameCommand();
            case "container wait" -> new WaitCommand();
            case "container inspect" -> new InspectCommand("container");
            case "image inspect" -> new InspectCommand("image");
            case "inspect" -> new InspectCommand("");
            case "image build" -> new BuildCommand();
            case "builder prune" -> new PruneBuilder();
            case "image ls" -> new ListImages();
            case "image load" -> new LoadCommand();
            case "image import" -> new ImportCommand();
            case "registry serve" -> new RegistryProgram("serve");
            case "registry garbage-collect" -> new RegistryProgram("garbage-collect");
            case "registry image" -> new RegistryImage();
            case "artifact add" -> new AddArtifact();
            case "artifact extract" -> new ExtractArtifact();
            case "artifact inspect" -> new InspectArtifact();
            case "artifact ls" -> new ListArtifacts();
            case "artifact pull" -> MoveArtifact.pulling();
            case "artifact push" -> MoveArtifact.pushing();
            case "artifact rm" -> new RemoveArtifacts();
            case "image convert" -> new ConvertImage();
            case "image copy" -> new CopyImage();
            case "image mount" -> MountImages.mounting();
            case "image unmount" -> MountImages.unmounting();
            case "image scp" -> new ScpImage();
            case "image tree" -> new ShowLayers();
            case "image untag" -> new UntagImage();
            case "manifest annotate" -> new AnnotateManifest();
            case "manifest create" -> new CreateManifest();
            case "manifest inspect" -> new InspectManifest();
            case "manifest push" -> new PushManifest();
            case "manifest rm" -> new RemoveManifests();
            case "image history" -> new HistoryCommand();
            case "image push" -> new PushCommand();
            case "image save" -> new SaveCommand();
            case "container commit" -> new CommitCommand();
            case "container export" -> new ExportCommand();
            case "login" -> new LoginCommand();
            case "logout" -> new LogoutCommand();
            case "search" -> new SearchCommand();
            case "image tag" -> new TagCommand();
            case "image rm" -> new RemoveImages();
            case "image pull" -> new PullCommand();
            case "version" -> new VersionCommand();
            case "system info" -> new InfoCommand();
            case "system events" -> new EventsCommand();
            default -> throw new IllegalStateException("no class for " + entry.name());
        };
    }
}
