package dev.corten.registry.client;

import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/// The bearer tokens that we have, until they expire. Who needs the same one at the same moment waits
/// for whoever asks for it.
final class Tokens {
    private static final int LIMIT = 512;

    /// @param scope what may be done with it, with blanks between
    record Key(String realm, String service, String scope, RegistryCredentials credentials) {}

    record Token(String value, String refreshToken, Instant expires) {}

    @FunctionalInterface
    interface Fetch {
        Token fetch() throws IOException, InterruptedException;
    }

    private final InstantSource clock;
    private final Map<Key, CompletableFuture<Token>> tokens = new ConcurrentHashMap<>();

    Tokens(InstantSource clock) {
        this.clock = clock;
    }

    InstantSource clock() {
        return clock;
    }

    @SuppressWarnings("ReferenceEquality") // whether it is our own is a question of identity
    Token get(Key key, Fetch fetch) throws IOException, InterruptedException {
        while (true) {
            var own = new CompletableFuture<Token>();
            CompletableFuture<Token> chosen =
                    tokens.compute(key, (_, old) -> old == null || stale(old) ? own : old);
            if (chosen == own) {
                return fetch(key, own, fetch);
            }
            try {
                return chosen.get();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case IOException failure -> throw failure;
                    case InterruptedException _ -> {
                        // The other one has gone away: now it is our turn to ask.
                    }
                    case null, default -> throw new IOException(e.getCause());
                }
            }
        }
    }

    private Token fetch(Key key, CompletableFuture<Token> own, Fetch fetch)
            throws IOException, InterruptedException {
        try {
            Token token = fetch.fetch();
            trim();
            own.complete(token);
            return token;
        } catch (IOException | InterruptedException | RuntimeException e) {
            tokens.remove(key, own);
            own.completeExceptionally(e);
            throw e;
        }
    }

    /// Forgets a token that was refused, if it is still that one.
    void refused(Key key, String value) {
        tokens.computeIfPresent(
                key,
                (_, future) ->
                        future.state() == CompletableFuture.State.SUCCESS
                                        && future.resultNow().value().equals(value)
                                ? null
                                : future);
    }

    private boolean stale(CompletableFuture<Token> future) {
        return switch (future.state()) {
            case SUCCESS -> !future.resultNow().expires().isAfter(clock.instant());
            case FAILED, CANCELLED -> true;
            case RUNNING -> false;
        };
    }

    private void trim() {
        if (tokens.size() > LIMIT) {
            tokens.values().removeIf(this::stale);
        }
        if (tokens.size() > LIMIT) {
            tokens.values().removeIf(future -> future.isDone());
        }
    }
}
