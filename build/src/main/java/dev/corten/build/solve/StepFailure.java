package dev.corten.build.solve;

/// A step that failed; its cause says how.
public final class StepFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Vertex vertex;

    StepFailure(Vertex vertex, Throwable cause) {
        super(cause.getMessage(), cause);
        this.vertex = vertex;
    }

    public Vertex vertex() {
        return vertex;
    }
}
