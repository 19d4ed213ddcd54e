/// Files by descriptor: names, attributes, contents, extended attributes, waiting.
///
/// Start at [FileCalls] for what acts on names (`openat2`, `mkdirat`, `renameat2`), at [FileData]
/// for what acts on contents, at [FileCopies], [Xattrs], [Directories] and [Poll] for the rest.
/// Every name is relative to a directory's descriptor; [dev.corten.kernel.Fd#CWD] with an absolute
/// path is for our own files only. Names that come from images and containers are
/// [dev.corten.model.PathBytes].
///
/// The umask belongs to the whole process and is never changed here: who needs an exact mode calls
/// [FileCalls#chmod] after creating. Stateless and thread-safe.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.file;
