package dev.corten.http;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Listens on any number of sockets and hands each request to one [Handler].
///
/// One event-loop thread, or as many as asked for, serve all connections; handlers run on virtual
/// threads.
public final class HttpServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HttpServer.class.getName());
    private static final int BACKLOG = 1024;
    private static final long MAX_DIRECT_MEMORY = 256L << 20;

    /// As Docker has it.
    private static final Duration HEAD_LIMIT = Duration.ofMinutes(5);

    private final Handler handler;
    private final Duration headLimit;
    private final EventLoopGroup loop;
    private final ByteBufAllocator allocator;
    private final AtomicLong requests = new AtomicLong();
    private final List<Channel> listeners = new ArrayList<>();

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    private volatile boolean closing;

    static {
        // Netty's own defaults cost start-up time and memory that a daemon on one socket does not
        // earn back: a second allocator, flight recorder events, a machine ID made of all network
        // interfaces, the management beans asked for the heap's flags, a search for logging
        // libraries, samples of buffers.
        preset("io.netty.allocator.type", "unpooled");
        preset("io.netty.jfr.enabled", "false");
        preset("io.netty.machineId", "00:00:00:00:00:00:00:00");
        preset("io.netty.maxDirectMemory", Long.toString(MAX_DIRECT_MEMORY));
        preset("io.netty.leakDetection.level", "disabled");
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    private static void preset(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /// A server without sockets as yet.
    public HttpServer(Handler handler) {
        this(handler, HEAD_LIMIT, 1);
    }

    /// A server without sockets as yet.
    ///
    /// @param loops threads that move bytes: more than one where bytes are the work
    public HttpServer(Handler handler, int loops) {
        this(handler, HEAD_LIMIT, loops);
    }

    /// @param headLimit how long a client may take for the head of a request
    HttpServer(Handler handler, Duration headLimit) {
        this(handler, headLimit, 1);
    }

    private HttpServer(Handler handler, Duration headLimit, int loops) {
        this.handler = handler;
        this.headLimit = headLimit;
        this.loop =
                new MultiThreadIoEventLoopGroup(
                        loops,
                        Thread.ofPlatform().name("http").daemon(true).factory(),
                        EpollIoHandler.newFactory());
        // One arena of 256 KiB chunks instead of Netty's several of 4 MiB.
        this.allocator = new PooledByteBufAllocator(true, 0, 1, 8192, 5, 0, 0, false);
    }

    /// Listens on a unix socket of this path, which must not exist. It is removed at close.
    ///
    /// @throws IOException when the path is taken, too long (107 bytes), or not to be written
    public synchronized void listenUnix(String path) throws IOException {
        ServerBootstrap bootstrap = bootstrap(Optional.empty());
        bootstrap.channel(EpollServerDomainSocketChannel.class);
        listening(bootstrap.bind(new DomainSocketAddress(path)), "unix://" + path);
    }

    /// Listens on TCP; port 0 picks one.
    ///
    /// @param tls empty for plain HTTP
    /// @return the address in use
    /// @throws IOException when the address is taken or not ours
    public synchronized InetSocketAddress listenTcp(InetSocketAddress address, Optional<Tls> tls)
            throws IOException {
        ServerBootstrap bootstrap = bootstrap(tls);
        bootstrap.channel(EpollServerSocketChannel.class);
        Channel listener = listening(bootstrap.bind(address), "tcp://" + address);
        return (InetSocketAddress) listener.localAddress();
    }

    /// Listens on a unix socket that somebody else has bound and listens on.
    ///
    /// @param socket taken over
    public synchronized void listenUnix(Fd socket) throws IOException {
        ServerBootstrap bootstrap = bootstrap(Optional.empty());
        String shown = "descriptor " + socket.number();
        int number = nonBlocking(socket);
        bootstrap.channelFactory(() -> new EpollServerDomainSocketChannel(number, true));
        listening(bootstrap.register(), shown);
    }

    /// Listens on a TCP socket that somebody else has bound and listens on.
    ///
    /// @param socket taken over
    /// @param tls empty for plain HTTP
    public synchronized void listenTcp(Fd socket, Optional<Tls> tls) throws IOException {
        ServerBootstrap bootstrap = bootstrap(tls);
        String shown = "descriptor " + socket.number();
        int number = nonBlocking(socket);
        bootstrap.channelFactory(() -> new EpollServerSocketChannel(number));
        listening(bootstrap.register(), shown);
    }

    private static int nonBlocking(Fd socket) throws IOException {
        FileData.nonBlocking(socket, true);
        return socket.release();
    }

    private ServerBootstrap bootstrap(Optional<Tls> tls) throws IOException {
        if (closing) {
            throw new IOException("the server is closed");
        }
        return new ServerBootstrap()
                .group(loop)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                HttpServer.this.initChannel((DuplexChannel) channel, tls);
                            }
                        });
    }

    private void initChannel(DuplexChannel channel, Optional<Tls> tls) {
        SslHandler secured = tls.map(context -> context.handler(channel.alloc())).orElse(null);
        if (secured != null) {
            channel.pipeline().addLast(new PlainRequestRefusal(), secured);
        }
        channel.pipeline().addLast(new Connection(this, channel, secured));
    }

    private Channel listening(ChannelFuture bound, String shown) throws IOException {
        bound.awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + shown, bound.cause());
        }
        listeners.add(bound.channel());
        return bound.channel();
    }

    /// Stops listening, closes idle connections, and gives running requests this long to finish
    /// before their connections are cut. A second close has no effect.
    public void close(Duration grace) {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            for (Channel listener : listeners) {
                listener.close().awaitUninterruptibly();
            }
            listeners.clear();
        }
        // A connection is registered on its own loop: whoever was accepted before is known after
        // each loop has run once more.
        for (EventExecutor each : loop) {
            each.submit(() -> {}).awaitUninterruptibly();
        }
        var channels = new ArrayList<Channel>();
        for (Connection connection : connections) {
            Channel channel = connection.channel();
            channels.add(channel);
            channel.eventLoop()
                    .execute(() -> {
                        if (connection.isIdle()) {
                            connection.abort();
                        }
                    });
        }
        long end = System.nanoTime() + grace.toNanos();
        for (Channel channel : channels) {
            channel.closeFuture()
                    .awaitUninterruptibly(
                            Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        channels.forEach(Channel::close);
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /// Closes without grace.
    @Override
    public void close() {
        close(Duration.ZERO);
    }

    // ---- for connections -------------------------------------------------------------------

    Duration headLimit() {
        return headLimit;
    }

    boolean isClosing() {
        return closing;
    }

    void opened(Connection connection) {
        connections.add(connection);
    }

    void closed(Connection connection) {
        connections.remove(connection);
    }

    void dispatch(Exchange exchange) {
        Thread.ofVirtual().name("http-" + requests.incrementAndGet()).start(() -> run(exchange));
    }

    private void run(Exchange exchange) {
        try {
            handler.handle(exchange);
            exchange.finish();
        } catch (Exception e) {
            if (!exchange.isClosed()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        exchange.method() + " " + exchange.rawPath() + " failed",
                        e);
            }
            exchange.fail();
        } catch (Error e) {
            exchange.fail();
            throw e;
        }
    }
}
