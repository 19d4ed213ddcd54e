package dev.corten.build.step;

import dev.corten.build.file.CopyRequest;
import dev.corten.build.file.InlineFile;
import java.util.List;

/// One thing of those that a [FileOperation] does, in order.
public sealed interface FileAction {
    /// Adds what counts for the key.
    void describe(Definition definition);

    /// Whether it reads a part of an input.
    default boolean selects(int input) {
        return false;
    }

    /// Copies files of an input.
    record Copy(int input, CopyRequest request) implements FileAction {
        @Override
        public void describe(Definition definition) {
            definition.text("copy").number(input).request(request);
        }

        @Override
        public boolean selects(int other) {
            return other == input;
        }
    }

    /// Writes here-documents.
    ///
    /// @param request says where to; its sources are not looked at
    record Write(List<InlineFile> documents, CopyRequest request) implements FileAction {
        public Write {
            documents = List.copyOf(documents);
        }

        @Override
        public void describe(Definition definition) {
            definition.text("write").request(request).number(documents.size());
            documents.forEach(file -> definition.text(file.name()).bytes(file.content()));
        }
    }

    /// Makes a directory and those above it, if they are missing.
    ///
    /// @param owner as `USER` has it; `""` for root
    record MakeDirectory(String path, String owner) implements FileAction {
        @Override
        public void describe(Definition definition) {
            definition.text("directory").text(path).text(owner);
        }
    }
}
