/// HTTP exchanges over Netty.
module dev.corten.http {
    requires dev.corten.kernel;
    requires io.netty.buffer;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires io.netty.transport;
    requires static transitive org.jspecify;
    requires transitive dev.corten.model;
}
