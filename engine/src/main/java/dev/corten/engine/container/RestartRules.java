package dev.corten.engine.container;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.RestartPolicy;

/// What happens when a container has ended.
final class RestartRules {
    private RestartRules() {}

    static void apply(HostConfig request, HostConfig.Editor host) {
        if (request.restartPolicy().name().isEmpty()) {
            host.restartPolicy = RestartPolicy.NO;
        }
        restart(host.restartPolicy, request.autoRemove());
    }

    private static void restart(RestartPolicy policy, boolean autoRemove) {
        switch (policy.name()) {
            case "no" -> {
                if (policy.maximumRetryCount() != 0) {
                    throw new InvalidParameter(
                            "invalid restart policy: maximum retry count can only be used with"
                                    + " 'on-failure'");
                }
            }
            case "always", "unless-stopped", "on-failure" -> {
                if (autoRemove) {
                    throw new InvalidParameter(
                            "can't create 'AutoRemove' container with restart policy");
                }
                throw CreateRules.notYet("restart policies");
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
