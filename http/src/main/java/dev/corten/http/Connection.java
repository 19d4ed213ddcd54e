package dev.corten.http;

import dev.corten.kernel.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One client connection: turns decoded messages into exchanges, one after the other.
///
/// Methods marked "handler thread" may be called from any thread; everything else runs on the
/// channel's event loop.
final class Connection extends ChannelInboundHandlerAdapter {
    /// How long a client that is still sending gets to read an answer that closes the connection.
    private static final long LINGER_MILLIS = 500;

    /// How much of a file is read to be encrypted.
    private static final int READ_PART = 128 << 10;

    private static final WebSocketDecoderConfig FRAMES =
            WebSocketDecoderConfig.newBuilder().expectMaskedFrames(true).build();

    private final HttpServer server;
    private final DuplexChannel channel;
    private final @Nullable SslHandler tls;
    private final RequestDecoder decoder;
    private @Nullable Exchange exchange;
    private @Nullable ByteQueue input;
    private boolean inputClosed;
    private boolean lingering;

    /// @param tls of an encrypted connection; null for a plain one
    Connection(HttpServer server, DuplexChannel channel, @Nullable SslHandler tls) {
        this.server = server;
        this.channel = channel;
        this.tls = tls;
        this.decoder = new RequestDecoder(server.headLimit());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.pipeline().addBefore(ctx.name(), "decoder", decoder);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        server.opened(this);
        super.channelActive(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (lingering) {
                return;
            }
            if (message instanceof HttpRequest request) {
                begin(request);
            }
            if (message instanceof HttpContent content) {
                body(content);
            } else if (message instanceof ByteBuf bytes) {
                received(bytes);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            boolean tooLong =
                    cause instanceof TooLongHttpLineException
                            || cause instanceof TooLongHttpHeaderException;
            reject(tooLong ? 431 : 400, tooLong ? "" : ": malformed request");
            return;
        }
        if (request.protocolVersion().majorVersion() != 1) {
            reject(505, ": unsupported protocol version");
            return;
        }
        var lines = new ArrayList<Headers.Line>(request.headers().size());
        request.headers()
                .iteratorAsString()
                .forEachRemaining(e -> lines.add(new Headers.Line(e.getKey(), e.getValue())));
        Headers headers = Headers.copyOf(lines);
        boolean http10 = request.protocolVersion().minorVersion() == 0;
        if (!http10 && !headers.has("Host")) {
            reject(400, ": missing required Host header");
            return;
        }
        boolean expectsContinue = !http10 && headers.hasToken("Expect", "100-continue");
        boolean keepsAlive =
                http10
                        ? headers.hasToken("Connection", "keep-alive")
                        : !headers.hasToken("Connection", "close");
        Runnable onFirstRead = expectsContinue ? this::sendContinue : () -> {};
        var body = new ByteQueue(onFirstRead, this::resumeReading);
        input = body;
        var begun =
                new Exchange(
                        this,
                        request.method().name(),
                        request.uri(),
                        http10 ? "HTTP/1.0" : "HTTP/1.1",
                        headers,
                        body,
                        keepsAlive,
                        expectsContinue);
        exchange = begun;
        server.dispatch(begun);
    }

    private void body(HttpContent content) {
        ByteQueue body = input;
        if (body == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            body.fail(new IOException("malformed request body"));
            return;
        }
        received(content.content());
        if (content instanceof LastHttpContent) {
            body.end();
        }
    }

    private void received(ByteBuf bytes) {
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy);
        if (input != null && input.add(copy)) {
            channel.config().setAutoRead(false);
        }
    }

    /// Answers what cannot be handed to a handler, as Go's server does, and closes.
    private void reject(int status, String detail) {
        String text = status + " " + Status.reason(status) + detail;
        writeRaw(
                ("HTTP/1.1 "
                                + status
                                + " "
                                + Status.reason(status)
                                + "\r\n"
                                + "Content-Type: text/plain; charset=utf-8\r\n"
                                + "Connection: close\r\n\r\n"
                                + text)
                        .getBytes(StandardCharsets.UTF_8));
        closeAfterAnswer();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        boolean ends =
                event instanceof ChannelInputShutdownEvent
                        || event instanceof SslCloseCompletionEvent;
        // An encrypted connection ends twice, by its own word and by TCP's.
        if (ends && !inputClosed) {
            inputClosed = true;
            Exchange current = exchange;
            if (current == null) {
                closeWhenFlushed();
            } else if (current.isUpgraded()) {
                requireInput().end();
            } else {
                requireInput()
                        .fail(new EOFException("the client closed in the middle of a request"));
                current.disconnected();
            }
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        server.closed(this);
        if (exchange != null) {
            requireInput().fail(new EOFException("the client is gone"));
            exchange.disconnected();
        }
        super.channelInactive(ctx);
    }

    /// A reset or broken connection is the client's leave-taking, not an event of ours.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        channel.close();
    }

    private ByteQueue requireInput() {
        if (input == null) {
            throw new IllegalStateException("no exchange has begun");
        }
        return input;
    }

    boolean isIdle() {
        return exchange == null;
    }

    Channel channel() {
        return channel;
    }

    // ---- handler threads -------------------------------------------------------------------

    /// A buffer for [#write].
    ByteBuf buffer(int capacity) {
        return channel.alloc().directBuffer(capacity);
    }

    /// Sends without waiting.
    ChannelFuture write(ByteBuf bytes) {
        return channel.writeAndFlush(bytes);
    }

    ChannelFuture writeRaw(byte[] bytes) {
        return write(buffer(bytes.length).writeBytes(bytes));
    }

    boolean isEncrypted() {
        return tls != null;
    }

    /// Sends a part of a file and waits until the kernel has taken it: by `sendfile` if it need not
    /// be encrypted.
    void writeFile(FileChannel file, long offset, long length) throws IOException {
        if (tls == null) {
            var whole = new DefaultFileRegion(file, offset, length);
            // Its last release would close the file, which is the caller's.
            whole.retain();
            await(channel.writeAndFlush(whole));
            return;
        }
        long at = offset;
        long end = offset + length;
        while (at < end) {
            ByteBuf part = buffer((int) Math.min(READ_PART, end - at));
            try {
                int count = part.writeBytes(file, at, part.capacity());
                if (count < 0) {
                    throw new EOFException("the file is shorter than it was");
                }
                at += count;
            } catch (IOException | RuntimeException e) {
                part.release();
                throw e;
            }
            await(write(part));
        }
    }

    /// Sends and waits until the kernel has taken it: this is the back-pressure of streams.
    void writeAndWait(ByteBuf bytes) throws IOException {
        await(write(bytes));
    }

    static void await(Future<?> future) throws IOException {
        try {
            future.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while writing to the client");
        }
        if (!future.isSuccess()) {
            throw new IOException("the client is gone", future.cause());
        }
    }

    private void sendContinue() {
        writeRaw("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void resumeReading() {
        onLoop(() -> {
            // After its end an encrypted connection cannot be read any more.
            if (tls == null || !inputClosed) {
                channel.config().setAutoRead(true);
            }
        });
    }

    /// Without effect once the server has closed: every channel is closed then, and each future that
    /// a handler waits for has failed.
    private boolean onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /// The exchange was answered in full: goes on with the next request.
    void next() {
        onLoop(this::proceed);
    }

    private void proceed() {
        exchange = null;
        input = null;
        if (server.isClosing()) {
            channel.close();
            return;
        }
        try {
            decoder.release(channel.pipeline().context(decoder));
        } catch (Exception e) {
            exceptionCaught(channel.pipeline().context(this), e);
        }
        if (exchange == null && inputClosed) {
            closeWhenFlushed();
        }
    }

    /// Lets the client read what was sent, then closes. Closing while the client still sends would
    /// reset the connection, and the answer with it.
    void closeAfterAnswer() {
        onLoop(this::linger);
    }

    private void linger() {
        exchange = null;
        input = null;
        lingering = true;
        if (inputClosed) {
            closeWhenFlushed();
            return;
        }
        channel.config().setAutoRead(true);
        // The end of the output takes away what is not written yet, and a long answer is more than
        // the kernel holds.
        channel.writeAndFlush(channel.alloc().directBuffer(0))
                .addListener(_ -> onLoop(this::endAfterAnswer));
    }

    private void endAfterAnswer() {
        endOutput();
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void closeWhenFlushed() {
        channel.writeAndFlush(channel.alloc().directBuffer(0))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /// Cuts the connection.
    void abort() {
        channel.close();
    }

    void shutdownOutput() throws IOException {
        await(endOutput());
    }

    private Future<?> endOutput() {
        return tls == null ? channel.shutdownOutput() : tls.closeOutbound();
    }

    @Nullable PeerCredentials peer() throws IOException {
        if (!(channel instanceof io.netty.channel.epoll.EpollDomainSocketChannel unix)) {
            return null;
        }
        var credentials = unix.peerCredentials();
        return new PeerCredentials(credentials.pid(), credentials.uid(), credentials.gids()[0]);
    }

    /// Sends the head and makes the connection a bare stream of bytes in both directions.
    ByteQueue upgrade(byte[] head) throws IOException {
        var raw = new ByteQueue(() -> {}, this::resumeReading);
        var done = new CompletableFuture<ByteQueue>();
        boolean accepted =
                onLoop(() -> {
                    writeRaw(head);
                    becomeRaw(raw);
                    done.complete(raw);
                });
        if (!accepted) {
            throw new IOException("the client is gone");
        }
        return join(done);
    }

    private void becomeRaw(ByteQueue raw) {
        raw.add(decoder.takeReadAhead());
        channel.pipeline().remove(decoder);
        input = raw;
        if (inputClosed) {
            raw.end();
        } else if (!channel.isActive()) {
            raw.fail(new EOFException("the client is gone"));
        } else {
            channel.config().setAutoRead(true);
        }
    }

    /// Sends the head, then takes the socket out of the event loop.
    ClientSocket take(byte[] head) throws IOException {
        if (tls != null) {
            return takeByRelay(head, () -> {});
        }
        var done = new CompletableFuture<ClientSocket>();
        boolean accepted =
                onLoop(() -> {
                    channel.config().setAutoRead(false);
                    writeRaw(head).addListener(written -> sentBeforeTake(written, done));
                });
        if (!accepted) {
            throw new IOException("the client is gone");
        }
        return join(done);
    }

    /// Sends the head of an answer to a websocket's request, then stands between its frames and the
    /// socket that is given away.
    ///
    /// @param text whether frames to the client are of text
    ClientSocket takeWebSocket(byte[] head, boolean text) throws IOException {
        return takeByRelay(
                head,
                () ->
                        channel.pipeline()
                                .addLast(
                                        new WebSocket13FrameDecoder(FRAMES),
                                        new WebSocket13FrameEncoder(false),
                                        new WebSocketBytes(text)));
    }

    /// Sends the head, then stays between the client and the socket that is given away.
    ///
    /// @param codecs adds what is between bytes and what the client sends
    private ClientSocket takeByRelay(byte[] head, Runnable codecs) throws IOException {
        var done = new CompletableFuture<ClientSocket>();
        boolean accepted =
                onLoop(() -> {
                    channel.config().setAutoRead(false);
                    writeRaw(head);
                    try {
                        done.complete(relay(codecs));
                    } catch (IOException | RuntimeException e) {
                        done.completeExceptionally(e);
                        channel.close();
                    }
                });
        if (!accepted) {
            throw new IOException("the client is gone");
        }
        return join(done);
    }

    private ClientSocket relay(Runnable codecs) throws IOException {
        if (!channel.isActive() || inputClosed) {
            throw new EOFException("the client is gone");
        }
        byte[] readAhead = decoder.takeReadAhead();
        channel.pipeline().remove(decoder);
        channel.pipeline().remove(this);
        server.closed(this);
        codecs.run();
        Fd socket = Relay.tie(channel);
        if (readAhead.length > 0) {
            ByteBuf bytes = Unpooled.wrappedBuffer(readAhead);
            if (tls == null) {
                channel.pipeline().fireChannelRead(bytes);
            } else {
                // They have been decrypted before.
                channel.pipeline().context(tls).fireChannelRead(bytes);
            }
        }
        return new ClientSocket(socket, new byte[0]);
    }

    private void sentBeforeTake(Future<?> written, CompletableFuture<ClientSocket> done) {
        if (!written.isSuccess()) {
            done.completeExceptionally(written.cause());
            // Not inside Netty's flush, which is going on while its listeners run.
        } else if (!onLoop(() -> detach(done))) {
            done.completeExceptionally(new IOException("the server is closed"));
        }
    }

    /// Reading and this task share a thread, so between the last read and the close of Netty's
    /// descriptor no byte can slip in: what the server has read is in the decoder, everything else
    /// is still in the socket.
    private void detach(CompletableFuture<ClientSocket> done) {
        if (!channel.isOpen()) {
            done.completeExceptionally(new EOFException("the client is gone"));
            return;
        }
        Fd nettys = Fd.adopt(((UnixChannel) channel).fd().intValue());
        try {
            done.complete(new ClientSocket(nettys.duplicate(), decoder.takeReadAhead()));
        } catch (IOException e) {
            done.completeExceptionally(e);
        } finally {
            nettys.release();
        }
        exchange = null;
        // Netty closes with close(2) alone; shutdown(2) would end the duplicate's connection too.
        channel.close();
    }

    private static <T> T join(CompletableFuture<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while taking over a connection");
        } catch (ExecutionException e) {
            throw new IOException("the client is gone", e.getCause());
        }
    }
}
