package dev.corten.build.front;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.RunMount;
import dev.corten.build.dockerfile.Stage;
import dev.corten.model.InvalidParameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Which stages a target needs, and what each name in them stands for.
public final class StageOrder {
    /// What stands after `FROM`.
    @FunctionalInterface
    public interface Names {
        /// With its variables replaced.
        String of(Stage stage) throws DockerfileException;
    }

    private final List<Stage> stages;
    private final Stage target;

    /// What each stage begins with, in lower case.
    private final List<String> bases = new ArrayList<>();

    /// Names that stand for something else than stages, in lower case.
    private final Set<String> taken;

    private final Map<Integer, Set<Integer>> needs = new HashMap<>();
    private final Set<Integer> wanted = new TreeSet<>();

    private StageOrder(List<Stage> stages, Stage target, Set<String> taken) {
        this.stages = stages;
        this.target = target;
        this.taken = taken;
    }

    /// Of names as they are written.
    ///
    /// @see #of(Dockerfile, String, Names, Collection)
    public static StageOrder of(Dockerfile file, String target) throws DockerfileException {
        return of(file, target, stage -> stage.from().base(), List.of());
    }

    /// @param target a stage's name or number; `""` is the last one
    /// @param contexts names that stand for a context of the build, whatever stage has them too
    /// @throws InvalidParameter if there is no such stage, or stages need each other in a circle
    public static StageOrder of(
            Dockerfile file, String target, Names names, Collection<String> contexts)
            throws DockerfileException {
        Set<String> taken = new HashSet<>();
        contexts.forEach(name -> taken.add(name.toLowerCase(Locale.ROOT)));
        var order = new StageOrder(file.stages(), target(file.stages(), target), taken);
        for (Stage stage : order.stages) {
            order.bases.add(names.of(stage).toLowerCase(Locale.ROOT));
        }
        for (Stage stage : order.stages) {
            order.needs.put(stage.index(), order.needs(stage));
        }
        order.want(order.target, new LinkedHashSet<>());
        return order;
    }

    private static Stage target(List<Stage> stages, String target) {
        if (target.isEmpty()) {
            return stages.getLast();
        }
        for (int i = stages.size() - 1; i >= 0; i--) {
            if (stages.get(i).from().name().equals(Optional.of(target.toLowerCase(Locale.ROOT)))) {
                return stages.get(i);
            }
        }
        if (target.matches("\\d{1,9}") && Integer.parseInt(target) < stages.size()) {
            return stages.get(Integer.parseInt(target));
        }
        throw new InvalidParameter("target stage \"" + target + "\" could not be found");
    }

    private Set<Integer> needs(Stage stage) throws DockerfileException {
        Set<Integer> needs = new LinkedHashSet<>();
        base(stage).map(Stage::index).ifPresent(needs::add);
        for (Instruction instruction : stage.instructions()) {
            switch (instruction) {
                case Instruction.Copy copy when copy.from() != null ->
                        source(copy.from()).map(Stage::index).ifPresent(needs::add);
                case Instruction.Run run -> {
                    for (RunMount.Written mount : run.mounts()) {
                        String from = mount.from();
                        if (!from.isEmpty()) {
                            source(from).map(Stage::index).ifPresent(needs::add);
                        }
                    }
                }
                default -> {}
            }
        }
        return needs;
    }

    /// The stage that a stage begins with, if it is one: only what comes before can be meant.
    public Optional<Stage> base(Stage stage) {
        Optional<String> name = Optional.of(bases.get(stage.index()));
        if (taken.contains(name.get())) {
            return Optional.empty();
        }
        for (int i = stage.index() - 1; i >= 0; i--) {
            if (stages.get(i).from().name().equals(name)) {
                return Optional.of(stages.get(i));
            }
        }
        return Optional.empty();
    }

    /// The stage that is meant by `--from` or `from=`, if it is one; a later one too.
    ///
    /// @throws InvalidParameter if it is a number without a stage
    public Optional<Stage> source(String name) {
        Optional<String> lower = Optional.of(name.toLowerCase(Locale.ROOT));
        if (taken.contains(lower.get())) {
            return Optional.empty();
        }
        for (int i = stages.size() - 1; i >= 0; i--) {
            if (stages.get(i).from().name().equals(lower)) {
                return Optional.of(stages.get(i));
            }
        }
        if (!name.matches("\\d{1,9}")) {
            return Optional.empty();
        }
        int index = Integer.parseInt(name);
        if (index >= stages.size()) {
            throw new InvalidParameter("invalid stage index " + index);
        }
        return Optional.of(stages.get(index));
    }

    /// @param path the stages that led here
    private void want(Stage stage, Set<Integer> path) {
        if (!path.add(stage.index())) {
            throw new InvalidParameter("circular dependency detected on stage: " + stage.label());
        }
        if (!wanted.contains(stage.index())) {
            for (int needed : needs.getOrDefault(stage.index(), Set.of())) {
                want(stages.get(needed), path);
            }
            wanted.add(stage.index());
        }
        path.remove(stage.index());
    }

    /// Those of stages.
    public List<String> names() {
        return stages.stream().flatMap(stage -> stage.from().name().stream()).toList();
    }

    public Stage target() {
        return target;
    }

    /// The stages that the target needs, itself included, in the order of the file.
    public List<Stage> wanted() {
        var list = new ArrayList<Stage>();
        wanted.forEach(index -> list.add(stages.get(index)));
        return List.copyOf(list);
    }
}
