package dev.corten.network;

/// What the static part of the firewall depends on.
///
/// @param masquerade packets to the world get the host's address
/// @param containersMeet containers of the bridge may talk to each other
/// @param directRouting published ports are reached from outside at the container's own address too
/// @param closedToForeign packets between foreign interfaces are dropped: set where this engine
///     has turned forwarding on
record FirewallPolicy(
        boolean masquerade,
        boolean containersMeet,
        boolean directRouting,
        boolean closedToForeign) {
    /// Changed whenever the static chains change, so that a newer daemon replaces them.
    private static final String LAYOUT = "layout_2";

    /// The name of an empty chain that tells which chains and rules a table has.
    String layout() {
        return LAYOUT
                + (masquerade ? "_masq" : "")
                + (containersMeet ? "_icc" : "")
                + (directRouting ? "_direct" : "")
                + (closedToForeign ? "_closed" : "");
    }
}
