package dev.corten.registry.client;

import dev.corten.model.CortenException;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// Registries as a daemon sees them. Costs nothing until it is used; may be used by any thread.
public final class RegistryClient {
    /// How often a request is made in all, unless said otherwise.
    public static final int USUAL_ATTEMPTS = 5;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Supplier<RegistrySettings> settings;
    private final IntSupplier attempts;
    private final Retries.Pause pause;
    private final Duration patience;
    private final HttpClients clients = new HttpClients();
    private final Tokens tokens;
    private final Greetings greetings;
    private final Addresses addresses;
    private final UnfinishedUploads unfinished = new UnfinishedUploads();

    /// @param settings asked for each repository: a reload changes them
    public RegistryClient(Supplier<RegistrySettings> settings) {
        this(settings, () -> USUAL_ATTEMPTS);
    }

    /// @param attempts how often a request is made in all
    public RegistryClient(Supplier<RegistrySettings> settings, IntSupplier attempts) {
        this(
                settings,
                attempts,
                Thread::sleep,
                InetAddress::getAllByName,
                InstantSource.system(),
                PATIENCE);
    }

    RegistryClient(
            Supplier<RegistrySettings> settings,
            IntSupplier attempts,
            Retries.Pause pause,
            Addresses.Resolver resolver,
            InstantSource clock,
            Duration patience) {
        this.settings = settings;
        this.attempts = attempts;
        this.pause = pause;
        this.patience = patience;
        this.tokens = new Tokens(clock);
        this.addresses = new Addresses(resolver, clock);
        this.greetings = new Greetings(clock);
    }

    /// A repository to read from: mirrors of Docker Hub are asked before it, as nobody in particular.
    public Repository pull(Reference name, RegistryCredentials credentials) {
        RegistrySettings now = settings.get();
        return repository(name, now, Endpoints.forPull(now, name.domain()), credentials, false);
    }

    /// A repository to write to.
    public Repository push(Reference name, RegistryCredentials credentials) {
        RegistrySettings now = settings.get();
        return repository(name, now, Endpoints.forPush(now, name.domain()), credentials, true);
    }

    private Repository repository(
            Reference name,
            RegistrySettings now,
            List<Endpoint> endpoints,
            RegistryCredentials credentials,
            boolean pushing) {
        return new Repository(
                name,
                new Sites(endpoints, endpoint -> site(now, endpoint, credentials)),
                new Retries(Math.max(1, attempts.getAsInt()), pause, _ -> {}),
                pushing,
                unfinished);
    }

    /// Whether a registry knows somebody; `serverAddress` says which registry.
    public LoginResult login(RegistryCredentials credentials) throws InterruptedException {
        RegistrySettings now = settings.get();
        String domain = Logins.domain(credentials.serverAddress());
        return Logins.login(
                Endpoints.forPush(now, domain), endpoint -> site(now, endpoint, credentials));
    }

    /// Searches Docker Hub, or the registry that the term begins with.
    public SearchPage search(String term, int limit, RegistryCredentials credentials)
            throws InterruptedException {
        RegistrySettings now = settings.get();
        return new Searches(now, endpoint -> transport(now, endpoint), credentials)
                .search(term, limit);
    }

    private Transport transport(RegistrySettings now, Endpoint endpoint) throws IOException {
        return new Transport(
                clients.of(now, endpoint),
                addresses,
                new ProxyRules(now.proxies()),
                now.userAgent(),
                patience);
    }

    private Site site(RegistrySettings now, Endpoint endpoint, RegistryCredentials credentials)
            throws IOException {
        Transport transport = transport(now, endpoint);
        // What was meant for Docker Hub is not for whoever copies it.
        RegistryCredentials shown = endpoint.mirror() ? RegistryCredentials.NONE : credentials;
        return new Site(
                endpoint, transport, new Access(endpoint, transport, shown, tokens), greetings);
    }

    /// Whether a failure means that no registry could be reached, as opposed to one that refused.
    public static boolean unreachable(CortenException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof TransportFailure) {
                return true;
            }
        }
        return false;
    }
}
