package dev.corten.cli.registry;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// `registry image`: an image of the registry server out of what is installed here, so that none has
/// to be fetched. It is used as Docker's `registry:2` is.
public final class RegistryImage implements Command {
    private static final int PIPE = 256 << 10;

    private static final List<String> CHANGES =
            List.of(
                    "ENTRYPOINT [\"/entrypoint.sh\"]",
                    "CMD [\"/etc/docker/registry/config.yml\"]",
                    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "EXPOSE 5000",
                    "VOLUME /var/lib/registry");

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('t', "tag", FlagType.LIST, "Name of the image (default registry:2)");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        List<String> names = invocation.flags().list("tag");
        if (names.isEmpty()) {
            names = List.of("registry:2");
        }
        names.forEach(RegistryImage::check);
        var content = new RegistryImageContent(new File(RegistryProgram.program()));
        Request request = Request.post("/images/create").query("fromSrc", "-");
        CHANGES.forEach(change -> request.query("changes", change));
        request.query("message", "made by corten registry image");
        request.query("repo", names.getFirst());
        var failure = new AtomicReference<@Nullable IOException>();
        try (var in = new PipedInputStream(PIPE)) {
            // The archive is sent while it is made: nothing of it is kept.
            var out = new PipedOutputStream(in);
            Thread writer =
                    Thread.ofPlatform()
                            .name("archive")
                            .daemon(true)
                            .start(() -> {
                                try (var buffered = new BufferedOutputStream(out)) {
                                    content.write(buffered);
                                } catch (IOException e) {
                                    failure.set(e);
                                }
                            });
            try (Response response = invocation.api().send(request.stream("text/plain", in))) {
                invocation.progress().show(response, false);
            }
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
        IOException broken = failure.get();
        if (broken != null) {
            throw broken;
        }
        for (String name : names.subList(1, names.size())) {
            Reference reference = Reference.parse(name).orLatest();
            invocation
                    .api()
                    .call(
                            Request.post("/images/" + Request.segment(names.getFirst()) + "/tag")
                                    .query("repo", reference.familiarRepository())
                                    .query("tag", reference.tag().orElse("latest")));
        }
        return 0;
    }

    private static void check(String name) {
        try {
            if (Reference.parse(name).digest().isPresent()) {
                throw new Failure("an image cannot be given the digest of " + name);
            }
        } catch (InvalidParameter e) {
            throw new Failure(e.message());
        }
    }
}
