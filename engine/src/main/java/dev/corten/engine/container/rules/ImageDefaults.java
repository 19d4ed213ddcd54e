package dev.corten.engine.container.rules;

import dev.corten.model.container.ContainerConfig;
import dev.corten.model.image.ImageConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Fills in what a request leaves to the image (behaviour of Docker 28).
public final class ImageDefaults {
    private ImageDefaults() {}

    /// The image's settings where the request has none.
    public static ContainerConfig merge(ContainerConfig request, ImageConfig image) {
        var merged = request.edit();
        merged.env = mergeEnv(request.env(), image.env());
        if (isEmpty(request.entrypoint()) && isEmpty(request.cmd())) {
            merged.cmd = image.cmd();
        }
        if (request.entrypoint() == null) {
            merged.entrypoint = image.entrypoint();
            // A given command replaces the image's; a given entrypoint resets it.
        } else if (request.entrypoint().equals(List.of(""))) {
            merged.entrypoint = null;
        }
        if (request.user().isEmpty()) {
            merged.user = orEmpty(image.user());
        }
        if (request.workingDir().isEmpty()) {
            merged.workingDir = orEmpty(image.workingDir());
        }
        if (request.stopSignal().isEmpty()) {
            merged.stopSignal = orEmpty(image.stopSignal());
        }
        if (request.shell() == null) {
            merged.shell = image.shell();
        }
        var labels = new TreeMap<String, String>();
        if (image.labels() != null) {
            labels.putAll(image.labels());
        }
        if (request.labels() != null) {
            labels.putAll(request.labels());
        }
        merged.labels = labels;
        var ports = new TreeSet<String>();
        if (image.exposedPorts() != null) {
            ports.addAll(image.exposedPorts());
        }
        if (request.exposedPorts() != null) {
            ports.addAll(request.exposedPorts());
        }
        merged.exposedPorts = ports.isEmpty() ? null : ports;
        var volumes = new TreeSet<String>();
        if (image.volumes() != null) {
            volumes.addAll(image.volumes());
        }
        if (request.volumes() != null) {
            volumes.addAll(request.volumes());
        }
        merged.volumes = volumes.isEmpty() ? null : volumes;
        return merged.done();
    }

    private static @Nullable List<String> mergeEnv(
            @Nullable List<String> request, @Nullable List<String> image) {
        if (isEmpty(image)) {
            return request;
        }
        var env = new ArrayList<String>();
        addAll(env, request);
        if (image != null) {
            for (String inherited : image) {
                String key = key(inherited);
                if (env.stream().noneMatch(own -> key(own).equals(key))) {
                    env.add(inherited);
                }
            }
        }
        return env;
    }

    private static String key(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    private static boolean isEmpty(@Nullable Collection<?> values) {
        return values == null || values.isEmpty();
    }

    private static void addAll(List<String> to, @Nullable List<String> from) {
        if (from != null) {
            to.addAll(from);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
