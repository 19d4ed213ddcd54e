/// HTTP exchanges over Netty.
module dev.corten.http {
    exports dev.corten.http;

    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires io.netty.transport;
    requires static transitive org.jspecify;
    requires transitive dev.corten.kernel;
    requires transitive dev.corten.model;
}
