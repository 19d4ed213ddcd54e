package dev.corten.engine.container.rules;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.RestartPolicy;

/// What happens when a container has ended.
public final class RestartRules {
    private RestartRules() {}

    static void apply(HostConfig request, HostConfig.Editor host) {
        if (request.restartPolicy().name().isEmpty()) {
            host.restartPolicy = RestartPolicy.NO;
        }
        if (request.autoRemove() && !host.restartPolicy.never()) {
            throw new InvalidParameter("can't create 'AutoRemove' container with restart policy");
        }
        check(host.restartPolicy);
    }

    /// @throws InvalidParameter in Docker's words
    public static void check(RestartPolicy policy) {
        boolean counts = policy.name().equals("on-failure");
        int maximum = policy.maximumRetryCount();
        switch (policy.name()) {
            case "no", "always", "unless-stopped", "on-failure" -> {
                if (counts ? maximum < 0 : maximum != 0) {
                    throw new InvalidParameter(
                            "invalid restart policy: maximum retry count "
                                    + (counts ? "" : "can only be used with 'on-failure'")
                                    + (!counts && maximum < 0 ? " and " : "")
                                    + (maximum < 0 ? "cannot be negative" : ""));
                }
            }
            default ->
                    throw new InvalidParameter(
                            "invalid restart policy: unknown policy '"
                                    + policy.name()
                                    + "'; use one of 'no', 'always', 'on-failure', or"
                                    + " 'unless-stopped'");
        }
    }
}
