package dev.corten.engine.image;

import dev.corten.model.InvalidParameter;
import dev.corten.registry.client.Download;
import dev.corten.registry.client.Proxies;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;

/// Files on the web that images are made of.
public final class WebSources {
    private final Supplier<Proxies> proxies;

    /// @param proxies asked for each file
    public WebSources(Supplier<Proxies> proxies) {
        this.proxies = proxies;
    }

    /// A file on its way.
    ///
    /// @param length in bytes; negative if the server does not say
    public record WebSource(URI address, InputStream in, long length) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /// @param text an address; without a scheme it is one of `http`
    /// @throws InvalidParameter if it is none
    public static URI address(String text) {
        return Download.address(text);
    }

    /// Asks a server, whatever it says. The caller closes the answer.
    ///
    /// @param asked headers of the request
    public Download ask(URI address, Map<String, String> asked)
            throws IOException, InterruptedException {
        return Download.open(address, proxies.get(), asked);
    }

    /// The proxies that are used at the moment.
    public Proxies proxies() {
        return proxies.get();
    }

    /// Begins to fetch a file. The caller closes it.
    public WebSource open(URI address) throws IOException, InterruptedException {
        Download download = Download.open(address, proxies.get());
        return new WebSource(download.address(), download.in(), download.length());
    }
}
