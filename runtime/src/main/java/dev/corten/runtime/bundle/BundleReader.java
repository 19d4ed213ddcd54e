package dev.corten.runtime.bundle;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Root;
import dev.corten.model.oci.Spec;
import java.io.IOException;
import java.nio.file.Path;

/// Reads `config.json` of the OCI runtime specification, 1.0 to 1.2.
public final class BundleReader {
    private static final int MAX_BYTES = 8 << 20;

    private BundleReader() {}

    /// @param id names the container's control group if the file does not
    /// @throws InvalidParameter if the file is wrong or asks for what is not supported
    public static Bundle read(Path directory, String id) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        byte[] text;
        try {
            text = FileData.readFile(Fd.CWD, absolute.resolve("config.json").toString(), MAX_BYTES);
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                throw new InvalidParameter(
                        "JSON specification file config.json not found in " + absolute, e);
            }
            throw e;
        }
        Value config = Document.parse("config.json", text);
        String version = config.get("ociVersion").text();
        if (!version.startsWith("1.")) {
            throw new InvalidParameter("config.json: unsupported ociVersion \"" + version + "\"");
        }
        Value root = config.get("root");
        if (!root.isPresent()) {
            throw new InvalidParameter("config.json: root is missing");
        }
        String rootfs = absolute.resolve(root.get("path").text()).normalize().toString();
        var spec =
                new Spec(
                        ProcessReader.read(config.get("process")),
                        new Root(PathBytes.of(rootfs), root.get("readonly").isTrue()),
                        config.get("hostname").text(),
                        config.get("domainname").text(),
                        config.get("mounts").list(mount -> mount(absolute, mount)),
                        LinuxReader.read(config.get("linux"), id),
                        config.get("annotations").textMap());
        return new Bundle(absolute.toString(), version, rootfs, spec, hooks(config.get("hooks")));
    }

    private static Mount mount(Path bundle, Value mount) {
        for (String idMap : java.util.List.of("uidMappings", "gidMappings")) {
            LinuxReader.refuse(mount.get(idMap), "mounts with ID mappings");
        }
        String destination = mount.get("destination").text();
        String source = mount.get("source").text();
        var read =
                new Mount(
                        destination.startsWith("/") ? destination : "/" + destination,
                        mount.get("type").text(),
                        source,
                        mount.get("options").texts());
        if (!read.isBind() || source.startsWith("/")) {
            return read;
        }
        return new Mount(
                read.destination(),
                read.type(),
                PathBytes.of(bundle.resolve(source).normalize().toString()),
                read.options());
    }

    private static Hooks hooks(Value hooks) {
        return new Hooks(
                hooks.get("prestart").list(BundleReader::hook),
                hooks.get("createRuntime").list(BundleReader::hook),
                hooks.get("createContainer").list(BundleReader::hook),
                hooks.get("startContainer").list(BundleReader::hook),
                hooks.get("poststart").list(BundleReader::hook),
                hooks.get("poststop").list(BundleReader::hook));
    }

    private static Hooks.Hook hook(Value hook) {
        String path = hook.get("path").text();
        if (!path.startsWith("/")) {
            throw new InvalidParameter("config.json: the path of a hook is not absolute: " + path);
        }
        return new Hooks.Hook(
                path,
                hook.get("args").texts(),
                hook.get("env").texts(),
                hook.get("timeout").integer());
    }
}
