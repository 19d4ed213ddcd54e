package dev.corten.engine.build;

import dev.corten.build.dockerfile.Statement;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlannedStep;
import dev.corten.build.solve.Solving;
import dev.corten.build.solve.StepFailure;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.CommandFailure;
import dev.corten.build.work.Tree;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A build at work.
final class RunningBuild implements Building {
    private final List<BuildPlan> plans;
    private final Set<String> unused;
    private final Solving<Tree> solving;
    private final BuildRequest.Style style;
    private final Runnable end;

    /// @param end done when no step runs any more
    RunningBuild(
            List<BuildPlan> plans,
            Set<String> unused,
            Solving<Tree> solving,
            BuildRequest.Style style,
            Runnable end) {
        this.plans = List.copyOf(plans);
        this.unused = Set.copyOf(unused);
        this.solving = solving;
        this.style = style;
        this.end = end;
    }

    void want(Vertex vertex) {
        solving.want(vertex);
    }

    @Override
    public List<BuildPlan> plans() {
        return plans;
    }

    @Override
    public Set<String> unusedArguments() {
        return unused;
    }

    @Override
    public Tree result(Vertex vertex) throws IOException, InterruptedException, BuildFailure {
        try {
            return solving.await(vertex);
        } catch (StepFailure e) {
            throw failure(e);
        }
    }

    private BuildFailure failure(StepFailure failure) {
        Optional<PlannedStep> step = step(failure.vertex());
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        int code = cause instanceof CommandFailure command ? command.exit().code() : 0;
        Optional<Statement> statement = step.map(it -> it.step().instruction().statement());
        return new BuildFailure(
                FailureText.of(cause, style, failure.vertex()),
                new BuildFailure.Where(
                        step,
                        statement.map(Statement::firstLine).orElse(0),
                        statement.map(Statement::lastLine).orElse(0),
                        code,
                        Optional.empty()),
                failure);
    }

    /// A step may be of two vertices: its layer, and what puts that on others.
    private Optional<PlannedStep> step(Vertex vertex) {
        return plans.stream()
                .flatMap(plan -> plan.stages().stream())
                .flatMap(stage -> stage.steps().stream())
                .filter(step ->
                        step.vertex()
                                .filter(own -> own == vertex || own.inputs().contains(vertex))
                                .isPresent())
                .filter(step ->
                        step.vertex().orElseThrow() == vertex
                                || step.vertex().orElseThrow().inputs().getLast() == vertex)
                .findFirst();
    }

    @Override
    public void close() {
        solving.close();
        end.run();
    }
}
