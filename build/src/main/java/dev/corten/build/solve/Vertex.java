package dev.corten.build.solve;

import java.util.List;

/// A step of a graph. Two of them are the same only if they are one object: what they share is found
/// by their keys.
public final class Vertex {
    private final String name;
    private final Operation operation;
    private final List<Vertex> inputs;

    /// @param name one line for people, such as `[build 2/4] RUN make`
    public Vertex(String name, Operation operation, List<Vertex> inputs) {
        this.name = name;
        this.operation = operation;
        this.inputs = List.copyOf(inputs);
    }

    public String name() {
        return name;
    }

    public Operation operation() {
        return operation;
    }

    public List<Vertex> inputs() {
        return inputs;
    }

    @Override
    public String toString() {
        return name;
    }
}
