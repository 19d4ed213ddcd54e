package dev.corten.kernel.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A netlink socket: requests go out in batches, answers come back decoded, refusals as [Errno]
/// with the kernel's own explanation where it gives one.
///
/// It stays in the network namespace of the thread that opened it. See the package for threads.
public final class NetlinkSocket implements AutoCloseable {
    /// `NETLINK_ROUTE`: links, addresses, routes, neighbours.
    public static final int ROUTE = 0;

    /// `NETLINK_NETFILTER`: nftables and others.
    public static final int NETFILTER = 12;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int MAX_DUMP_ATTEMPTS = 10;

    private static final int NLM_F_MULTI = 0x2;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int NLM_F_CAPPED = 0x100;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;

    /// The kernel fills at most 32 KiB at a time when it dumps.
    private static final int RECEIVE_BYTES = 64 * 1024;

    /// Room for the acknowledgements of a large batch, which all arrive before the first is read.
    private static final int QUEUE_BYTES = 4 * 1024 * 1024;

    /// A `sockaddr_nl` that leaves the port to the kernel and joins no group.
    private static final byte[] ANY_PORT =
            ByteBuffer.allocate(12)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) Sockets.AF_NETLINK)
                    .array();

    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;

    private final ReentrantLock lock = new ReentrantLock();
    private final Fd socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment receiveBuffer = arena.allocate(RECEIVE_BYTES, 8);

    /// guarded by lock
    private MemorySegment sendBuffer = arena.allocate(4096, 8);

    /// guarded by lock
    private int sequence = 1;

    /// guarded by lock
    private boolean closed;

    private NetlinkSocket(Fd socket) {
        this.socket = socket;
    }

    /// Opens a socket in the calling thread's network namespace.
    public static NetlinkSocket open(int protocol) throws Errno {
        try (Fd fd = Sockets.socket(Sockets.AF_NETLINK, Sockets.SOCK_RAW, protocol)) {
            // Explanations in refusals, and refusals without a copy of the request.
            Sockets.option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            Sockets.option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
            Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, QUEUE_BYTES);
            Sockets.bind(fd, ANY_PORT);
            return new NetlinkSocket(fd.transfer());
        }
    }

    /// Subscribes to a multicast group; its messages come from [#receive].
    public void join(int group) throws IOException {
        Sockets.option(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    }

    /// The descriptor, to wait for messages of groups; stays this object's.
    public Fd fd() {
        return socket;
    }

    /// Sends the batch and waits until the kernel has carried out every message.
    ///
    /// @throws Errno for the first message that was refused; the others were carried out
    public void execute(NetlinkBatch batch) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            batch.acknowledgeAll();
            int first = send(batch);
            awaitAcknowledgements(batch, first, first + batch.count() - 1, false);
        } finally {
            lock.unlock();
        }
    }

    /// Sends a transaction of nfnetlink: its first and last message are the brackets, which older
    /// kernels do not acknowledge.
    ///
    /// @throws Errno for the first message that was refused; then nothing was carried out
    public void executeTransaction(NetlinkBatch batch) throws IOException {
        lock.lock();
        try {
            batch.acknowledgeBetweenFirstAndLast();
            int first = send(batch);
            awaitAcknowledgements(batch, first, first + batch.count() - 2, true);
        } finally {
            lock.unlock();
        }
    }

    /// Sends one request and returns what the kernel answers: one message, or all of a dump.
    public List<NetlinkAnswer> request(NetlinkBatch batch) throws IOException {
        if (batch.count() != 1) {
            throw new IllegalArgumentException("one request at a time, not " + batch.count());
        }
        lock.lock();
        try {
            // A dump that ran into a change is repeated: it may lack or repeat entries.
            for (int attempt = 1; ; attempt++) {
                var answers = new ArrayList<NetlinkAnswer>();
                boolean interrupted = collect(batch, send(batch), answers);
                if (!interrupted || attempt == MAX_DUMP_ATTEMPTS) {
                    return answers;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// guarded by lock; says whether the dump was disturbed
    private boolean collect(NetlinkBatch batch, int sequenceSent, List<NetlinkAnswer> answers)
            throws IOException {
        boolean interrupted = false;
        while (true) {
            long length = receiveQueued(batch);
            for (long at = 0; at + NetlinkBatch.HEADER <= length; ) {
                int size = receiveBuffer.get(JAVA_INT, at);
                int type = receiveBuffer.get(JAVA_SHORT, at + 4) & 0xFFFF;
                int flags = receiveBuffer.get(JAVA_SHORT, at + 6) & 0xFFFF;
                boolean ours = receiveBuffer.get(JAVA_INT, at + 8) == sequenceSent;
                if (ours && type == NLMSG_ERROR) {
                    throwIfRefused(batch, 0, at, size, flags);
                    return interrupted;
                }
                if (ours) {
                    interrupted |= (flags & NLM_F_DUMP_INTR) != 0;
                    if (type == NLMSG_DONE) {
                        return interrupted;
                    }
                    answers.add(answer(at, size, type));
                    if ((flags & NLM_F_MULTI) == 0) {
                        return interrupted;
                    }
                }
                at += (size + 3) & ~3;
            }
        }
    }

    /// Waits for messages of the groups that this socket has joined. Blocks the calling thread.
    ///
    /// @throws Errno ENOBUFS when messages were lost because they came faster than they were read
    public List<NetlinkAnswer> receive() throws IOException {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment buffer = local.allocate(RECEIVE_BYTES, 8);
            long length = Sockets.receive(socket, buffer, 0);
            var messages = new ArrayList<NetlinkAnswer>();
            for (long at = 0; at + NetlinkBatch.HEADER <= length; ) {
                int size = buffer.get(JAVA_INT, at);
                int type = buffer.get(JAVA_SHORT, at + 4) & 0xFFFF;
                messages.add(
                        new NetlinkAnswer(
                                type,
                                buffer.asSlice(at + NetlinkBatch.HEADER, size - NetlinkBatch.HEADER)
                                        .toArray(JAVA_BYTE)));
                at += (size + 3) & ~3;
            }
            return messages;
        }
    }

    /// guarded by lock
    private int send(NetlinkBatch batch) throws IOException {
        int first = sequence;
        sequence += batch.count();
        byte[] bytes = batch.encode(first);
        if (bytes.length > sendBuffer.byteSize()) {
            sendBuffer = arena.allocate(2L * bytes.length, 8);
        }
        MemorySegment.copy(bytes, 0, sendBuffer, JAVA_BYTE, 0, bytes.length);
        Sockets.send(socket, sendBuffer.asSlice(0, bytes.length), 0);
        return first;
    }

    /// guarded by lock
    private void awaitAcknowledgements(NetlinkBatch batch, int first, int last, boolean transaction)
            throws IOException {
        @Nullable Errno refusal = null;
        while (true) {
            long length = receiveQueued(batch);
            for (long at = 0; at + NetlinkBatch.HEADER <= length; ) {
                int size = receiveBuffer.get(JAVA_INT, at);
                int type = receiveBuffer.get(JAVA_SHORT, at + 4) & 0xFFFF;
                int flags = receiveBuffer.get(JAVA_SHORT, at + 6) & 0xFFFF;
                int answered = receiveBuffer.get(JAVA_INT, at + 8);
                if (type == NLMSG_ERROR && answered >= first && answered <= last) {
                    try {
                        throwIfRefused(batch, answered - first, at, size, flags);
                    } catch (Errno e) {
                        refusal = refusal == null ? e : refusal;
                    }
                    // What concerns a transaction as a whole is said of its opening bracket.
                    boolean whole = transaction && answered == first;
                    if (answered == last || (whole && refusal != null)) {
                        if (refusal != null) {
                            throw refusal;
                        }
                        return;
                    }
                }
                at += (size + 3) & ~3;
            }
        }
    }

    private void throwIfRefused(NetlinkBatch batch, int index, long at, int size, int flags)
            throws Errno {
        int number = -receiveBuffer.get(JAVA_INT, at + NetlinkBatch.HEADER);
        if (number == 0) {
            return;
        }
        String explanation = "";
        if ((flags & NLM_F_ACK_TLVS) != 0) {
            byte[] message =
                    receiveBuffer
                            .asSlice(at + NetlinkBatch.HEADER, size - NetlinkBatch.HEADER)
                            .toArray(JAVA_BYTE);
            // Behind the error number: the request's header, and its body unless left out.
            int requestSize = receiveBuffer.get(JAVA_INT, at + NetlinkBatch.HEADER + 4);
            int body = (flags & NLM_F_CAPPED) != 0 ? 0 : requestSize - NetlinkBatch.HEADER;
            String text =
                    NetlinkAttributes.parse(message, 4 + NetlinkBatch.HEADER + body)
                            .text(NLMSGERR_ATTR_MSG);
            explanation = text.isEmpty() ? "" : " (" + text + ")";
        }
        throw new Errno(number, "netlink", batch.description(index) + explanation);
    }

    private NetlinkAnswer answer(long at, int size, int type) {
        return new NetlinkAnswer(
                type,
                receiveBuffer
                        .asSlice(at + NetlinkBatch.HEADER, size - NetlinkBatch.HEADER)
                        .toArray(JAVA_BYTE));
    }

    /// Reads what the kernel has queued. It works requests off before `send` returns, so that
    /// nothing has to be waited for.
    private long receiveQueued(NetlinkBatch batch) throws IOException {
        try {
            return Sockets.receive(socket, receiveBuffer, Sockets.MSG_DONTWAIT);
        } catch (Errno e) {
            if (e.is(Errno.EAGAIN)) {
                throw new IOException("netlink: no answer to: " + batch.description(0), e);
            }
            throw e;
        }
    }

    /// Closes the socket; doing it twice is harmless.
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                socket.close();
                arena.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
