/// Bridges, addresses, ports, firewall.
module dev.corten.network {
    requires static transitive org.jspecify;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.model;

    exports dev.corten.network;
    exports dev.corten.network.address;
    exports dev.corten.network.file;
    exports dev.corten.network.port;
}
