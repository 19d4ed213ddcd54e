package dev.corten.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// TCP with TLS, and a certificate of the client if there is one.
public final class TlsDialer implements Dialer {
    private final Endpoint endpoint;
    private final TlsFiles files;

    public TlsDialer(Endpoint endpoint, TlsFiles files) {
        this.endpoint = endpoint;
        this.files = files;
    }

    @Override
    public Transport dial() throws IOException {
        SSLContext context = files.context();
        // Parted from the handshake, so that a port without TLS is told from no daemon at all.
        var plain = new Socket();
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
            if (files.verifies()) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
            }
            socket.startHandshake();
            return new Tls(socket);
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

    /// The daemon is there, but the two do not trust each other.
    static final class TlsFailure extends IOException {
        private static final long serialVersionUID = 1L;

        TlsFailure(SSLException cause) {
            super("tls: " + reason(cause), cause);
        }

        private static String reason(SSLException cause) {
            Throwable root = cause;
            for (Throwable deeper = root.getCause(); deeper != null; deeper = root.getCause()) {
                root = deeper;
            }
            return String.valueOf(root.getMessage());
        }
    }

    private static final class Tls implements Transport {
        private final SSLSocket socket;
        private final InputStream in;
        private final OutputStream out;

        Tls(SSLSocket socket) throws IOException {
            this.socket = socket;
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
