package dev.corten.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Set;

/// Tells a client that speaks HTTP where TLS is spoken, in the words of Go's server, which clients
/// show to their users. It looks at a connection's first bytes only.
final class PlainRequestRefusal extends ChannelInboundHandlerAdapter {
    /// A TLS record's header has five bytes; this is what they are if it is none.
    private static final Set<String> BEGINNINGS =
            Set.of("GET /", "HEAD ", "POST ", "PUT /", "DELET", "OPTIO");

    private static final byte[] ANSWER =
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
                    .getBytes(US_ASCII);

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes
                && bytes.readableBytes() >= 5
                && BEGINNINGS.contains(bytes.toString(bytes.readerIndex(), 5, US_ASCII))) {
            bytes.release();
            context.writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        context.pipeline().remove(this);
        context.fireChannelRead(message);
    }
}
