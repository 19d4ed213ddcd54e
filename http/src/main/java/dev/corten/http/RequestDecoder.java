package dev.corten.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Decodes one request and then holds back whatever follows until the request has been answered.
///
/// What follows may be the next request, or, after an upgrade, bytes that are no HTTP at all:
/// decoding them before the handler has decided would destroy them. Event loop only.
final class RequestDecoder extends HttpRequestDecoder {
    /// The longest request line, and the longest headers, as Docker takes them: `docker save` puts
    /// the names of all its images into the line.
    static final int MAX_LINE = 1 << 20;

    static final int MAX_HEADERS = 1 << 20;

    /// Above this, bytes that nobody has asked for yet stay in the socket.
    private static final int MAX_READ_AHEAD = 64 << 10;

    private final Duration headLimit;
    private boolean held;
    private boolean inHead = true;
    private @Nullable Future<?> limit;

    /// @param headLimit how long the head of a request may take from its first byte on; the
    ///     connection of a client that is slower is closed
    RequestDecoder(Duration headLimit) {
        super(
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(MAX_LINE)
                        .setMaxHeaderSize(MAX_HEADERS)
                        .setMaxChunkSize(64 << 10));
        this.headLimit = headLimit;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out)
            throws Exception {
        if (held) {
            if (bytes.readableBytes() >= MAX_READ_AHEAD) {
                ctx.channel().config().setAutoRead(false);
            }
            return;
        }
        super.decode(ctx, bytes, out);
        watchHead(ctx, out.isEmpty());
        if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
            held = true;
        }
    }

    private void watchHead(ChannelHandlerContext ctx, boolean unfinished) {
        if (inHead && !unfinished) {
            inHead = false;
            if (limit != null) {
                limit.cancel(false);
                limit = null;
            }
        } else if (inHead && limit == null) {
            limit =
                    ctx.executor()
                            .schedule(
                                    () -> ctx.close(), headLimit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// Decodes the next request, from bytes that were held back or that are to come.
    void release(ChannelHandlerContext ctx) throws Exception {
        held = false;
        inHead = true;
        ctx.channel().config().setAutoRead(true);
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
    }

    /// Takes the bytes that were held back. Nothing may be decoded afterwards.
    byte[] takeReadAhead() {
        ByteBuf bytes = internalBuffer();
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy);
        return copy;
    }

    /// The superclass would throw away the bytes held back when the client closes its sending side;
    /// [Connection] decides what the end means.
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.fireUserEventTriggered(event);
        } else {
            super.userEventTriggered(ctx, event);
        }
    }
}
