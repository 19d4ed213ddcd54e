/// The commands that deal with contexts, which `setup` keeps. [ContextConfig] is what `create` and
/// `update` share: the reading of `--docker`.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.context;
