package dev.corten.model.container;

/// When the engine starts a container again by itself.
///
/// @param name `no`, `always`, `unless-stopped` or `on-failure`
public record RestartPolicy(String name, int maximumRetryCount) {
    public static final RestartPolicy NO = new RestartPolicy("no", 0);
}
