package dev.corten.engine.container.rules;

import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;

/// A link as a client writes it: `db`, `db:alias`, or `/db:/web/alias` as `inspect` shows it.
///
/// @param name of the container to link to
/// @param alias may be empty: then there is no link
public record LinkText(String name, String alias) {
    /// Docker takes most of what is wrong here for a failure of its own.
    public static LinkText parse(String text) {
        if (text.isEmpty()) {
            throw new Internal("empty string specified for links");
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 2) {
            throw new Internal("bad format for links: " + text);
        }
        if (parts[0].isEmpty()) {
            throw new InvalidParameter(
                    "could not get container for : invalid name or ID supplied: \"\"");
        }
        String name = parts[0];
        String alias = parts[parts.length - 1];
        boolean shown = parts.length == 2 && name.startsWith("/");
        if (shown) {
            name = name.substring(1);
            alias = alias.substring(alias.lastIndexOf('/') + 1);
        }
        return new LinkText(name, checked(alias));
    }

    /// The refusal of a link to or from a container on the host's network.
    public static InvalidParameter onHostNetwork() {
        return undefined("host type networking");
    }

    /// The refusal of a link that leads into undefined behaviour.
    static InvalidParameter undefined(String mode) {
        return new InvalidParameter(
                "conflicting options: "
                        + mode
                        + " can't be used with links. This would result in undefined behavior");
    }

    /// It becomes a part of a name, of variables and of a line of `/etc/hosts`.
    private static String checked(String alias) {
        boolean plain = alias.chars().noneMatch(c -> c == '/' || Character.isISOControl(c));
        if (alias.equals("..") || !plain) {
            throw new InvalidParameter("invalid alias for a link: \"" + alias + "\"");
        }
        return alias.equals(".") ? "" : alias;
    }
}
