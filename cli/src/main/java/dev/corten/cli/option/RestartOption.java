package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.JsonWriter;

/// `--restart`: a policy, or `on-failure:3`.
public final class RestartOption {
    private RestartOption() {}

    /// The name of the policy in an option's text.
    public static String name(String policy) {
        int colon = policy.indexOf(':');
        return colon < 0 ? policy : policy.substring(0, colon);
    }

    /// @throws Refusal if it is none
    public static void write(JsonWriter json, String policy) {
        int colon = policy.indexOf(':');
        long count = 0;
        if (colon >= 0) {
            if (colon == 0) {
                throw new Refusal("invalid restart policy format: no policy provided before colon");
            }
            try {
                count = Integer.parseInt(policy.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw new Refusal(
                        "invalid restart policy format: maximum retry count must be an integer");
            }
        }
        json.name("RestartPolicy").object().name("Name").value(name(policy));
        json.name("MaximumRetryCount").value(count).end();
    }
}
