package dev.corten.api;

import dev.corten.api.wire.ImageJson;
import dev.corten.engine.image.Images;
import dev.corten.engine.image.WebSources;
import dev.corten.engine.image.WebSources.WebSource;
import dev.corten.http.Headers;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// `/images/create?fromSrc=`: a root file system becomes an image, from the request or from the web.
final class RootfsImports {
    private static final Headers JSON = Headers.of("Content-Type", "application/json");
    private static final long STEP = 512 << 10;

    private final Images images;
    private final WebSources web;

    RootfsImports(Services services) {
        this.images = services.images();
        this.web = services.web();
    }

    /// What is asked for, checked.
    private record Wanted(
            Optional<Reference> name, List<String> changes, String message, Platform platform) {}

    Response answer(Request request) throws IOException, InterruptedException {
        String source = request.text("fromSrc");
        boolean here = source.equals("-");
        URI address = here ? URI.create("-") : WebSources.address(source);
        var wanted =
                new Wanted(
                        request.optional("repo")
                                .filter(repo -> !repo.isEmpty())
                                .map(repo -> Images.reference(repo, request.text("tag"))),
                        request.query().all("changes").stream().flatMap(String::lines).toList(),
                        request.optional("message")
                                .filter(message -> !message.isEmpty())
                                .orElse("Imported from " + (here ? "-" : address)),
                        platform(request.text("platform")));
        if (here) {
            return new Response.Streamed(200, JSON, out -> finish(request.body(), wanted, out));
        }
        WebSource download = web.open(address);
        return new Response.Streamed(200, JSON, out -> fetch(download, wanted, out));
    }

    private void fetch(WebSource download, Wanted wanted, OutputStream out)
            throws IOException, InterruptedException {
        try (download) {
            out.write(ImageJson.status("Downloading from " + download.address()));
            out.flush();
            finish(new Watched(download, out), wanted, out);
        } catch (CortenException | IOException e) {
            out.write(ImageJson.failure(Failures.message(e)));
        }
    }

    private void finish(InputStream in, Wanted wanted, OutputStream out)
            throws IOException, InterruptedException {
        Digest id =
                images.importRootfs(
                        in, wanted.name(), wanted.changes(), wanted.message(), wanted.platform());
        out.write(ImageJson.status(id.toString()));
    }

    private static Platform platform(String text) {
        if (text.isEmpty()) {
            return Platform.host();
        }
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || !parts[0].equals("linux")) {
            throw new InvalidParameter(
                    "invalid platform \"" + text + "\": want linux/ARCHITECTURE");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    /// Tells how far a download is.
    private static final class Watched extends FilterInputStream {
        private final long length;
        private final OutputStream out;
        private long read;
        private long told;

        private Watched(WebSource download, OutputStream out) {
            super(download.in());
            this.length = download.length();
            this.out = out;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int wanted) throws IOException {
            int got = in.read(target, offset, wanted);
            read += Math.max(0, got);
            if (read == length ? told < read : read - told >= STEP) {
                told = read;
                out.write(ImageJson.progress("Importing", "", read, Math.max(0, length)));
                out.flush();
            }
            return got;
        }
    }
}
