/// Bridges, addresses, ports, firewall.
module dev.corten.network {
    requires static transitive org.jspecify;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.model;

    exports dev.corten.network;
}
