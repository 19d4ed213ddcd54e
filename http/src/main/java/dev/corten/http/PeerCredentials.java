package dev.corten.http;

/// Who is at the other end of a unix socket, as the kernel recorded it at connect (`SO_PEERCRED`).
public record PeerCredentials(int pid, int uid, int gid) {}
