package dev.corten.http;

import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Stands between a client whose connection cannot leave the server, as it is encrypted or framed,
/// and a plain socket that can: whoever gets that one serves the client as any other. The end of
/// each direction is passed on, and so is a slow reader. Event loop only.
final class Relay extends ChannelInboundHandlerAdapter {
    /// How long a client gets to read what was sent before its connection is closed.
    private static final long LINGER_MILLIS = 500;

    private final Channel channel;
    private final boolean endsAll;
    private @Nullable Relay other;
    private boolean inputEnded;

    /// @param endsAll whether nothing is left to do for the other side when this one has ended:
    ///     who serves clients closes a socket as a whole
    private Relay(Channel channel, boolean endsAll) {
        this.channel = channel;
        this.endsAll = endsAll;
    }

    /// Ties the client's channel, out of whose pipeline everything but its codecs is gone, to a new
    /// socket.
    ///
    /// @return the other end of that socket, non-blocking as all that leave the server
    static Fd tie(Channel client) throws IOException {
        SocketPair ends = UnixSockets.pair(Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK);
        try (Fd theirs = ends.second()) {
            Channel local = new EpollDomainSocketChannel(ends.first().release());
            local.config().setAllocator(client.alloc());
            local.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            var clients = new Relay(client, false);
            var ours = new Relay(local, true);
            clients.other = ours;
            ours.other = clients;
            local.pipeline().addLast(ours);
            client.pipeline().addLast(clients);
            // On this loop, which does it at once.
            client.eventLoop().register(local);
            clients.resume();
            return theirs.transfer();
        }
    }

    private Relay other() {
        return Objects.requireNonNull(other);
    }

    /// After its end a channel cannot be read any more.
    private void resume() {
        if (!inputEnded) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel to = other().channel;
        to.writeAndFlush(message);
        if (!to.isWritable()) {
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        if (channel.isWritable()) {
            other().resume();
        }
        super.channelWritabilityChanged(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        boolean ends =
                event instanceof ChannelInputShutdownEvent
                        || event instanceof SslCloseCompletionEvent;
        if (ends && !inputEnded) {
            inputEnded = true;
            Channel to = other().channel;
            // After all that was written before.
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> endOutput(to));
            if (endsAll) {
                to.eventLoop().schedule(() -> to.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        inputEnded = true;
        if (!endsAll && other().channel.isActive()) {
            other().channel
                    .writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(ChannelFutureListener.CLOSE);
        }
        super.channelInactive(ctx);
    }

    /// A reset or broken connection is somebody's leave-taking.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /// Tells the far end that no more will come, in the manner of its protocol.
    static void endOutput(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (channel.pipeline().get(WebSocketBytes.class) != null) {
            channel.writeAndFlush(new CloseWebSocketFrame(1000, ""))
                    .addListener(ChannelFutureListener.CLOSE);
        } else if (tls != null) {
            tls.closeOutbound();
        } else {
            ((DuplexChannel) channel).shutdownOutput();
        }
    }
}
