package dev.corten.api;

import java.io.IOException;
import java.io.OutputStream;

/// The framing of several streams in one: stream, three zeros, length, payload.
final class Frames {
    private static final int HEADER = 8;

    private Frames() {}

    static void write(OutputStream out, int stream, byte[] payload) throws IOException {
        out.write(frame(stream, payload));
    }

    static byte[] frame(int stream, byte[] payload) {
        int length = payload.length;
        byte[] frame = new byte[HEADER + length];
        frame[0] = (byte) stream;
        frame[4] = (byte) (length >>> 24);
        frame[5] = (byte) (length >>> 16);
        frame[6] = (byte) (length >>> 8);
        frame[7] = (byte) length;
        System.arraycopy(payload, 0, frame, HEADER, length);
        return frame;
    }
}
