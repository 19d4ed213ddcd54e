package dev.corten.model.container;

/// When the engine starts a container again by itself.
///
/// @param name `no`, `always`, `unless-stopped` or `on-failure`
/// @param maximumRetryCount with `on-failure`; 0 is without end
public record RestartPolicy(String name, int maximumRetryCount) {
    public static final RestartPolicy NO = new RestartPolicy("no", 0);

    /// Whether a container is never started again.
    public boolean never() {
        return name.equals(NO.name) || name.isEmpty();
    }

    /// Whether a container that has ended is started again.
    ///
    /// @param stopped whether a user wanted its end
    /// @param restarts how often it was already, since a user started it
    public boolean restarts(int exitCode, boolean stopped, int restarts) {
        return switch (name) {
            case "always" -> true;
            case "unless-stopped" -> !stopped;
            case "on-failure" ->
                    exitCode != 0 && (maximumRetryCount == 0 || restarts < maximumRetryCount);
            default -> false;
        };
    }
}
