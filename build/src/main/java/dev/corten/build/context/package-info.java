/// Where the files of a build come from: archives, directories of clients, repositories, downloads.
/// Each is a [dev.corten.build.work.TreeSource].
@org.jspecify.annotations.NullMarked
package dev.corten.build.context;
