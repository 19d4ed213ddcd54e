/// How every system call of this module is made; not exported.
///
/// Start at [NativeCall]. Thread-safe; a call object belongs to one thread.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.ffi;
