/// Bridges, addresses, ports, firewall.
module dev.corten.network {
    requires dev.corten.kernel;
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;
}
