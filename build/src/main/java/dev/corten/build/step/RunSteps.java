package dev.corten.build.step;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.build.work.StepRunner;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.InvalidParameter;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Carries out steps that run a command.
final class RunSteps {
    private final StepResults results;
    private final StepRunner runner;
    private final RunSources sources;
    private final FailedSteps failed;

    RunSteps(StepResults results, StepRunner runner, RunSources sources, FailedSteps failed) {
        this.failed = failed;
        this.results = results;
        this.runner = runner;
        this.sources = sources;
    }

    void warm() {
        runner.warm();
    }

    Tree run(RunOperation operation, List<Tree> inputs, StepOutput output)
            throws IOException, InterruptedException {
        Optional<Tree> base = StepResults.base(operation.base(), inputs);
        try (StepLayers.Working working = results.begin(base)) {
            StepExit exit;
            ContainerId id = ContainerId.random();
            try (var mounts = new RunMounts(sources, operation, inputs);
                    Fd root = working.mount()) {
                mounts.open();
                StepCommand command = command(id, operation, root, mounts);
                output.runsIn(command.id().hex());
                exit = run(command, output);
                working.passed(command.mountPoints());
            }
            if (exit.code() != 0) {
                var failure = new CommandFailure(operation.arguments(), exit, id);
                if (operation.keepsFailed()) {
                    keep(operation, working, base, failure);
                }
                throw failure;
            }
            return results.finish(working, base, operation.clamp(), operation.keepsEmpty());
        }
    }

    private void keep(
            RunOperation operation,
            StepLayers.Working working,
            Optional<Tree> base,
            CommandFailure failure) {
        try {
            Tree after = results.finish(working, base, Optional.empty(), true);
            failed.add(
                    new FailedSteps.Failed(
                            failure.sandbox(), base.map(Tree::share), after, operation));
        } catch (IOException e) {
            // As when it has filled the disk: how it ended is what people have to know.
            failure.addSuppressed(e);
        }
    }

    private StepExit run(StepCommand command, StepOutput output)
            throws IOException, InterruptedException {
        try {
            return runner.run(command, output);
        } catch (InvalidParameter e) {
            if (command.isLikeContainer()) {
                throw e;
            }
            String message = CommandFailure.message(command.arguments(), e.message());
            throw new InvalidParameter(message, e);
        }
    }

    private static StepCommand command(
            ContainerId id, RunOperation operation, Fd root, RunMounts mounts) {
        var environment = new ArrayList<>(operation.environment());
        environment.addAll(operation.hidden());
        environment.addAll(mounts.variables());
        return new StepCommand(
                id,
                root,
                operation.arguments(),
                environment,
                operation.user(),
                operation.directory(),
                operation.hostname(),
                operation.host(),
                mounts.mounts());
    }
}
