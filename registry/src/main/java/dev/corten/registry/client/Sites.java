package dev.corten.registry.client;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The sites of one repository, in the order in which they are asked. One that has failed is not
/// asked again.
final class Sites {
    private static final Logger LOG = System.getLogger(Sites.class.getName());

    @FunctionalInterface
    interface Request<T> {
        T of(Site site) throws IOException, InterruptedException;
    }

    /// Makes the site of an endpoint; reads the certificates for it.
    @FunctionalInterface
    interface Opener {
        Site open(Endpoint endpoint) throws IOException;
    }

    private final List<Endpoint> endpoints;
    private final Opener opener;
    private final AtomicReferenceArray<Site> opened;
    private final AtomicInteger first = new AtomicInteger();

    Sites(List<Endpoint> endpoints, Opener opener) {
        this.endpoints = List.copyOf(endpoints);
        this.opener = opener;
        this.opened = new AtomicReferenceArray<>(endpoints.size());
    }

    /// @param patient whether a site that is not there now may be waited for
    <T> T ask(Retries retries, boolean patient, Request<T> request)
            throws IOException, InterruptedException {
        for (int i = first.get(); ; i++) {
            boolean last = i == endpoints.size() - 1;
            try {
                Site site = site(i);
                greet(site, last, retries);
                T result = retries.run(patient, () -> request.of(site));
                int reached = i;
                first.updateAndGet(f -> Math.max(f, reached));
                return result;
            } catch (IOException e) {
                if (last || !givesWay(endpoints.get(i), e)) {
                    throw e;
                }
                int failed = i;
                LOG.log(
                        e instanceof Unspoken ? Level.DEBUG : Level.INFO,
                        () ->
                                "attempting next endpoint after "
                                        + endpoints.get(failed).base()
                                        + ": "
                                        + e.getMessage());
            }
        }
    }

    /// A mirror does so whatever has happened. HTTPS gives way to HTTP only where nobody speaks it.
    private static boolean givesWay(Endpoint endpoint, IOException failure) {
        return endpoint.mirror() || failure instanceof Unspoken;
    }

    private static void greet(Site site, boolean last, Retries retries)
            throws IOException, InterruptedException {
        if (last || site.endpoint().mirror()) {
            retries.run(false, site::greet);
            return;
        }
        try {
            site.greet();
        } catch (TransportFailure e) {
            throw new Unspoken(e);
        }
    }

    private Site site(int index) throws IOException {
        Site known = opened.get(index);
        if (known != null) {
            return known;
        }
        Site made = opener.open(endpoints.get(index));
        return opened.compareAndSet(index, null, made) ? made : opened.get(index);
    }

    /// That a registry which need not be secure is not.
    private static final class Unspoken extends IOException {
        private static final long serialVersionUID = 1L;

        Unspoken(TransportFailure cause) {
            super(cause.message(), cause);
        }
    }
}
