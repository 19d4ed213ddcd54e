package dev.corten.kernel.socket;

/// Who connected, by SO_PEERCRED; ids as seen from this process's namespaces.
public record PeerCredentials(int pid, int uid, int gid) {}
