package dev.corten.systests;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Like [PrivateEngine], with a registry of ours that has the [StandIns] and is the engine's mirror of
/// Docker Hub. All that the two say to each other goes through a [FaultProxy]. No image is in the
/// engine at first, and none but `busybox` is after each test.
final class WithRegistry
        implements BeforeAllCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final Namespace OURS = Namespace.create(WithRegistry.class);

    /// All there is for a test.
    ///
    /// @param proxy in front of the registry: what the engine knows
    record Lab(Engine engine, RegistryProcess registry, FaultProxy proxy) {
        /// The name of an image in the registry, for the engine.
        String name(String repository) {
            return proxy.host() + "/" + repository;
        }

        void removeImages() {
            if (Limits.againstStub()) {
                return;
            }
            Api api = engine.api();
            for (var image : api.get("/images/json?all=1").json()) {
                api.call("DELETE", "/images/" + image.path("Id").asString() + "?force=1");
            }
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        var folder = Scratch.folder("corten-registry-test");
        context.getStore(OURS).put(Scratch.class, folder);
        RegistryProcess registry = RegistryProcess.ours(folder.path());
        context.getStore(OURS).put(RegistryProcess.class, registry);
        StandIns.publish(registry.api());
        FaultProxy proxy = FaultProxy.before(registry.host());
        context.getStore(OURS).put(FaultProxy.class, proxy);
        // Tests at the end of a bad line would wait for each other, and for many attempts.
        Engine engine =
                Engine.start(
                        "--registry-mirror",
                        "http://" + proxy.host(),
                        "--max-concurrent-downloads=20",
                        "--max-concurrent-uploads=20",
                        "--max-download-attempts=2");
        context.getStore(OURS).put(Lab.class, new Lab(engine, registry, proxy));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getStore(OURS).get(Lab.class) instanceof Lab lab) {
            lab.proxy().recover();
            lab.proxy().forget();
            lab.engine().removeContainers();
            lab.removeImages();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        var store = context.getStore(OURS);
        try {
            if (store.get(Lab.class) instanceof Lab lab) {
                lab.engine().closeCleanly();
            }
        } finally {
            // Taken out: the store would close them once more.
            if (store.remove(FaultProxy.class) instanceof FaultProxy proxy) {
                proxy.close();
            }
            if (store.remove(RegistryProcess.class) instanceof RegistryProcess registry) {
                registry.close();
            }
            if (store.remove(Scratch.class) instanceof Scratch folder) {
                folder.close();
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Lab.class
                || type == Engine.class
                || type == Client.class
                || type == Api.class
                || type == RegistryProcess.class
                || type == FaultProxy.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var lab = (Lab) context.getStore(OURS).get(Lab.class);
        Class<?> type = parameter.getParameter().getType();
        if (type == Lab.class) {
            return lab;
        }
        if (type == RegistryProcess.class) {
            return lab.registry();
        }
        if (type == FaultProxy.class) {
            return lab.proxy();
        }
        if (type == Client.class) {
            return lab.engine().docker();
        }
        return type == Api.class ? lab.engine().api() : lab.engine();
    }
}
