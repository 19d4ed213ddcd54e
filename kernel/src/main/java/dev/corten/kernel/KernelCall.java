package dev.corten.kernel;

import java.io.IOException;

/// A piece of work that makes system calls.
@FunctionalInterface
public interface KernelCall<T> {
    T run() throws IOException;
}
