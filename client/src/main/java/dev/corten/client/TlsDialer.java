package dev.corten.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// TCP with TLS, and a certificate of the client if there is one.
public final class TlsDialer implements Dialer {
    private final Endpoint endpoint;
    private final SSLContext context;
    private final boolean verifies;

    private TlsDialer(Endpoint endpoint, SSLContext context, boolean verifies) {
        this.endpoint = endpoint;
        this.context = context;
        this.verifies = verifies;
    }

    /// Reads the files.
    ///
    /// @throws IOException in Docker's words, if they do not serve
    public static TlsDialer of(Endpoint endpoint, TlsFiles files) throws IOException {
        return new TlsDialer(endpoint, files.context(endpoint.address()), files.verifies());
    }

    @Override
    public Transport dial() throws IOException {
        // Parted from the handshake, so that a port without TLS is told from no daemon at all.
        var plain = new HeardSocket();
        try {
            plain.connect(new InetSocketAddress(endpoint.address(), endpoint.port()));
        } catch (IOException e) {
            plain.close();
            throw e;
        }
        try {
            var socket =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(plain, endpoint.address(), endpoint.port(), true);
            if (verifies) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
            }
            socket.startHandshake();
            return new Tls(socket, plain);
        } catch (SSLException e) {
            plain.close();
            throw new TlsFailure(e);
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    @Override
    public String text() {
        return endpoint.text();
    }

    @Override
    public String host() {
        return endpoint.host();
    }

    private static final class Tls implements Transport {
        private final SSLSocket socket;
        private final HeardSocket plain;
        private final InputStream in;
        private final OutputStream out;

        Tls(SSLSocket socket, HeardSocket plain) throws IOException {
            this.socket = socket;
            this.plain = plain;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return in.read(target, offset, length);
            } catch (SSLException e) {
                // With TLS 1.3 a client hears of its certificate's refusal with the first answer.
                throw new TlsFailure(e);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            IOException broken = plain.broken();
            if (broken != null) {
                throw broken;
            }
            out.write(bytes, offset, length);
            out.flush();
        }

        @Override
        public void closeWrite() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
