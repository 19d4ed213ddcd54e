package dev.corten.registry.server.event;

import dev.corten.registry.server.settings.ServerSettings.Endpoint;
import java.util.ArrayList;
import java.util.List;

/// Sends what has happened to each endpoint of the settings, in the order in which it happened.
public final class Notifications implements Events, AutoCloseable {
    private final List<EndpointQueue> queues = new ArrayList<>();

    /// @param port of this server, as it is told
    public Notifications(List<Endpoint> endpoints, int port) {
        String source = endpoints.isEmpty() ? "" : Event.source(port);
        for (Endpoint endpoint : endpoints) {
            queues.add(new EndpointQueue(endpoint, source));
        }
    }

    public void open() {
        queues.forEach(EndpointQueue::open);
    }

    @Override
    public void send(String action, EventTarget target, EventRequest request) {
        var event = Event.of(action, target, request);
        queues.forEach(queue -> queue.add(event));
    }

    /// What each endpoint has got and not got.
    public List<EndpointQueue.Counts> counts() {
        return queues.stream().map(EndpointQueue::counts).toList();
    }

    @Override
    public void close() {
        queues.forEach(EndpointQueue::close);
    }
}
