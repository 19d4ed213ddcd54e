/// Corten as its users see it: the built programs, driven by the docker CLI, by `corten`, and by
/// raw HTTP over the unix socket.
///
/// A class of tests says `@ExtendWith(PrivateEngine.class)` and gets an [Engine]: a daemon of its
/// own with roots, socket and bridge of its own. When the class has ended, [Belongings] looks for
/// whatever that daemon left on the machine, and finding something is a failure. Images come from
/// [Image]: they are built, nothing is stored here. Whoever waits does so through [Output] or
/// [Eventually], which have a deadline and say what they last saw.
///
/// Whole sessions of the docker command line are text files in `src/test/transcripts`, recorded from
/// Docker 28.5 by `system-tests/transcripts/record`; [TranscriptTest] has us answer them, and
/// [Transcript] explains their form. A difference must be a paragraph of `docs/differences.md`.
///
/// `@Shows` and the transcripts name the rows of the feature table that a test shows. [ShownRows]
/// writes down those of tests that passed, and `verify` prints which rows have none.
///
/// [StubTest] runs all other tests against a server that answers `200 {}` to everything: a test
/// that passes there shows nothing. Tests that need what a machine lacks go through [Machine],
/// and what they may lack is written in `allowed-skips`.
///
/// The classes run one after the other, the transcripts on as many engines as there are
/// processors. Nothing here knows classes of the product.
@NullMarked
package dev.corten.systests;

import org.jspecify.annotations.NullMarked;
