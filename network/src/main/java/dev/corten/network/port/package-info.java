/// Which ports a container wants ([PublishRequest]), in which groups they are bound ([PublishGroup])
/// and whose they are ([PortTable], [Cursors]). The sockets that hold them are `HostPorts`, above.
@org.jspecify.annotations.NullMarked
package dev.corten.network.port;
