package dev.corten.build.step;

import dev.corten.build.solve.Operation;

/// What a step of a build does.
public sealed interface BuildOperation extends Operation
        permits FileOperation, ImageOperation, RunOperation, SourceOperation, StackOperation {}
