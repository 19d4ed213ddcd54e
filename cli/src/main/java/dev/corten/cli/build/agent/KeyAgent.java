package dev.corten.cli.build.agent;

import dev.corten.cli.build.agent.SshReader.Malformed;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Answers as `ssh-agent` does (draft-miller-ssh-agent), with keys that were read from files. It
/// shows them and signs with them; it takes no others, and forgets none. Thread-safe.
public final class KeyAgent {
    private static final int FAILURE = 5;
    private static final int LIST = 11;
    private static final int KEYS = 12;
    private static final int SIGN = 13;
    private static final int SIGNED = 14;

    /// What `ssh-agent` takes.
    private static final int MESSAGE_MAX = 256 << 10;

    private final List<SshKey> keys;

    private KeyAgent(List<SshKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /// Where answers go.
    @FunctionalInterface
    public interface Out {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    /// @param files of keys
    /// @throws IOException in the words of BuildKit's client
    public static KeyAgent of(List<String> files) throws IOException {
        var keys = new ArrayList<SshKey>();
        for (String file : files) {
            byte[] content;
            try (var in = new FileInputStream(file)) {
                content = in.readNBytes(KeyFile.MAX_BYTES);
            }
            try {
                keys.add(KeyFile.read(content));
            } catch (KeyFile.Refused e) {
                throw new IOException("failed to parse " + file + ": " + e.getMessage(), e);
            }
        }
        return new KeyAgent(keys);
    }

    /// Answers until nothing more is asked.
    public void serve(InputStream in, Out out) throws IOException {
        while (true) {
            byte[] head = in.readNBytes(4);
            if (head.length == 0) {
                return;
            }
            int length = head.length < 4 ? -1 : number(head);
            if (length < 1 || length > MESSAGE_MAX) {
                throw new IOException("no message of an SSH agent's client");
            }
            byte[] message = in.readNBytes(length);
            if (message.length < length) {
                throw new EOFException("a message of an SSH agent's client breaks off");
            }
            byte[] answer = new SshWriter().string(answer(message)).toBytes();
            out.write(answer, 0, answer.length);
        }
    }

    private static int number(byte[] head) {
        return (head[0] & 0xFF) << 24
                | (head[1] & 0xFF) << 16
                | (head[2] & 0xFF) << 8
                | head[3] & 0xFF;
    }

    byte[] answer(byte[] message) {
        var body = new SshReader(Arrays.copyOfRange(message, 1, message.length));
        try {
            return switch (message[0]) {
                case LIST -> list();
                case SIGN -> sign(body.string(), body.string(), body.number());
                default -> failure();
            };
        } catch (Malformed | GeneralSecurityException e) {
            return failure();
        }
    }

    private static byte[] failure() {
        return new SshWriter().octet(FAILURE).toBytes();
    }

    private byte[] list() {
        var answer = new SshWriter().octet(KEYS).number(keys.size());
        for (SshKey key : keys) {
            answer.string(key.blob()).text("");
        }
        return answer.toBytes();
    }

    private byte[] sign(byte[] key, byte[] data, int flags) throws GeneralSecurityException {
        for (SshKey known : keys) {
            if (known.is(key)) {
                return new SshWriter().octet(SIGNED).string(known.sign(data, flags)).toBytes();
            }
        }
        return failure();
    }
}
