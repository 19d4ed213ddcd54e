package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.front.BuildArguments;
import dev.corten.build.graph.BuildPlan;
import dev.corten.build.graph.PlannedStage;
import dev.corten.build.graph.PlannedStep;
import java.util.Set;
import java.util.TreeSet;

/// Arguments that were given and that nothing has asked for.
final class UnusedArguments {
    private UnusedArguments() {}

    static Set<String> of(BuildPlan plan, Set<String> given) {
        var unused = new TreeSet<>(given);
        unused.removeAll(BuildArguments.PROXIES);
        plan.file().globals().forEach(arg -> used(arg, unused));
        for (PlannedStage stage : plan.stages()) {
            for (PlannedStep step : stage.steps()) {
                if (step.step().instruction() instanceof Instruction.Arg arg) {
                    used(arg, unused);
                }
            }
        }
        return unused;
    }

    private static void used(Instruction.Arg arg, Set<String> unused) {
        arg.assignments().stream().map(Assignment::name).forEach(unused::remove);
    }
}
