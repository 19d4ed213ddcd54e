package dev.corten.build.graph;

import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.RunMount;
import dev.corten.build.dockerfile.ShellWords;
import dev.corten.build.dockerfile.Statement;
import dev.corten.build.front.ConfigStep;
import dev.corten.build.front.Step;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.RunInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The mounts of one `RUN`.
final class MountPlanner {
    private static final String SECRETS = "/run/secrets/";
    private static final String AGENTS = "/run/buildkit/ssh_agent.";
    private static final int OWNER_READS = 0400;
    private static final int OWNER_READS_AND_WRITES = 0600;

    private final Step step;
    private final Statement statement;
    private final Inputs inputs;
    private final List<Vertex> all;
    private Optional<String> agent = Optional.empty();
    private int agents;

    /// @param all the inputs of the step; is added to
    MountPlanner(Step step, Inputs inputs, List<Vertex> all) {
        this.step = step;
        this.statement = step.instruction().statement();
        this.inputs = inputs;
        this.all = all;
    }

    /// Where the first agent's socket is.
    Optional<String> agent() {
        return agent;
    }

    List<RunInput> mounts(List<RunMount.Written> written)
            throws DockerfileException, IOException, InterruptedException {
        var mounts = new ArrayList<RunInput>();
        for (RunMount.Written mount : written) {
            RunMount read = mount.read(this::expand);
            mounts.add(
                    switch (read.type()) {
                        case BIND -> bind(read);
                        case CACHE -> cache(read);
                        case TMPFS -> new RunInput.Tmpfs(target(read), read.size());
                        case SECRET -> secret(read);
                        case SSH -> agent(read);
                    });
        }
        return mounts;
    }

    private String expand(String value) throws DockerfileException {
        try {
            return new ShellWords('\\', step.environment()::get).word(value).text();
        } catch (ShellWords.Malformed e) {
            throw statement.cannot(e.complaint());
        }
    }

    private String target(RunMount mount) throws DockerfileException {
        if (mount.target().isEmpty()) {
            throw statement.cannot("invalid mount target \"\"");
        }
        String path = ConfigStep.directory(step.config().workingDir(), mount.target());
        if (path.equals("/")) {
            throw statement.cannot("invalid mount target \"/\"");
        }
        return path;
    }

    private RunInput bind(RunMount mount)
            throws DockerfileException, IOException, InterruptedException {
        return new RunInput.Bind(target(mount), input(mount), mount.source(), mount.readOnly());
    }

    private int input(RunMount mount)
            throws DockerfileException, IOException, InterruptedException {
        List<String> paths = List.of(mount.source());
        Optional<Vertex> source =
                mount.from().isEmpty()
                        ? inputs.context(paths)
                        : inputs.from(mount.from(), paths, statement);
        all.add(source.orElseGet(inputs::nothing));
        return all.size() - 1;
    }

    private RunInput cache(RunMount mount)
            throws DockerfileException, IOException, InterruptedException {
        String target = target(mount);
        return new RunInput.Cache(
                target,
                mount.id().isEmpty() ? target : mount.id(),
                mount.from().isEmpty() ? -1 : input(mount),
                mount.source(),
                mount.sharing(),
                mount.readOnly(),
                mount.mode(),
                mount.uid(),
                mount.gid());
    }

    private RunInput secret(RunMount mount) {
        String id = mount.id().isEmpty() ? mount.source() : mount.id();
        String target = mount.target();
        if (id.isEmpty()) {
            id = target.substring(target.lastIndexOf('/') + 1);
        }
        if (target.isEmpty() && mount.environment().isEmpty()) {
            target = SECRETS + id.substring(id.lastIndexOf('/') + 1);
        }
        return new RunInput.Secret(
                target.isEmpty() ? "" : ConfigStep.directory(step.config().workingDir(), target),
                id,
                mount.environment(),
                mount.required(),
                RunInput.or(mount.mode(), OWNER_READS),
                RunInput.or(mount.uid(), 0),
                RunInput.or(mount.gid(), 0));
    }

    private RunInput agent(RunMount mount) {
        String target =
                mount.target().isEmpty()
                        ? AGENTS + agents++
                        : ConfigStep.directory(step.config().workingDir(), mount.target());
        agent = agent.or(() -> Optional.of(target));
        return new RunInput.Agent(
                target,
                mount.id().isEmpty() ? "default" : mount.id(),
                mount.required(),
                RunInput.or(mount.mode(), OWNER_READS_AND_WRITES),
                RunInput.or(mount.uid(), 0),
                RunInput.or(mount.gid(), 0));
    }
}
