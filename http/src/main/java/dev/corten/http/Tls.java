package dev.corten.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// How a TCP listener secures its connections: TLS 1.2 and 1.3.
public final class Tls {
    private final SslContext context;

    private Tls(SslContext context) {
        this.context = context;
    }

    /// Reads the server's certificate and key.
    ///
    /// @param authority whose certificates clients must show; empty for clients that need none
    /// @throws IOException if a file cannot be read, or holds something else
    public static Tls of(Path certificate, Path key, Optional<Path> authority) throws IOException {
        List<X509Certificate> chain = PemFiles.certificates(certificate);
        PrivateKey own = PemFiles.key(key, chain.getFirst());
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forServer(own, chain)
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3", "TLSv1.2");
            if (authority.isPresent()) {
                builder.trustManager(PemFiles.certificates(authority.get()))
                        .clientAuth(ClientAuth.REQUIRE);
            }
            return new Tls(builder.build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new IOException(certificate + " and " + key + " do not fit", e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator) {
        return context.newHandler(allocator);
    }
}
