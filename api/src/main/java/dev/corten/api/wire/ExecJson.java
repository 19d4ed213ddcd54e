package dev.corten.api.wire;

import dev.corten.engine.exec.ExecConfig;
import dev.corten.engine.exec.ExecView;
import dev.corten.engine.stream.DetachKeys;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Execs: create and inspect.
public final class ExecJson {
    private ExecJson() {}

    public static ExecConfig readConfig(JsonInput in) {
        return readConfig(in, Optional.empty());
    }

    /// A debug shell: the member `Image` says where its tools are from.
    public static ExecConfig readDebug(JsonInput in) {
        return readConfig(in, Optional.of(in.text("Image")));
    }

    private static ExecConfig readConfig(JsonInput in, Optional<String> toolbox) {
        return new ExecConfig(
                Objects.requireNonNullElse(in.texts("Cmd"), List.of()),
                Objects.requireNonNullElse(in.texts("Env"), List.of()),
                in.text("User"),
                in.text("WorkingDir"),
                in.flag("Tty"),
                in.flag("AttachStdin"),
                in.flag("AttachStdout"),
                in.flag("AttachStderr"),
                in.flag("Privileged"),
                in.text("DetachKeys"),
                toolbox);
    }

    public static Json.Document created(String id) {
        return Json.object(o -> o.text("Id", id));
    }

    public static Json.Document inspect(ExecView view) {
        ExecConfig config = view.config();
        return Json.object(o ->
                o.text("ID", view.id())
                        .flag("Running", view.running())
                        .numberOrNull(
                                "ExitCode",
                                view.exitCode().isPresent()
                                        ? (Integer) view.exitCode().getAsInt()
                                        : null)
                        .object("ProcessConfig", p -> writeProcess(p, config))
                        .flag("OpenStdin", config.attachStdin())
                        .flag("OpenStderr", config.attachStderr())
                        .flag("OpenStdout", config.attachStdout())
                        .flag("CanRemove", false)
                        .text("ContainerID", view.container().hex())
                        .text("DetachKeys", detachKeys(config))
                        .number("Pid", view.pid()));
    }

    private static void writeProcess(Json out, ExecConfig config) {
        out.flag("tty", config.tty())
                .text("entrypoint", config.cmd().isEmpty() ? "" : config.cmd().getFirst())
                .texts(
                        "arguments",
                        config.cmd().isEmpty()
                                ? List.of()
                                : config.cmd().subList(1, config.cmd().size()))
                .flag("privileged", config.privileged())
                .textIfAny("user", config.user());
    }

    /// The keys' bytes, as Go writes bytes.
    private static String detachKeys(ExecConfig config) {
        if (config.detachKeys().isEmpty()) {
            return "";
        }
        return Base64.getEncoder().encodeToString(DetachKeys.parse(config.detachKeys()));
    }
}
