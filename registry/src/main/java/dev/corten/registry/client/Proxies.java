package dev.corten.registry.client;

/// The proxies that requests go through, as the environment variables of these names say it; each is
/// `""` if there is none.
///
/// @param http address of the proxy for `http`
/// @param https address of the proxy for `https`
/// @param none hosts that are asked directly, with commas between them
public record Proxies(String http, String https, String none) {
    public static final Proxies NONE = new Proxies("", "", "");
}
