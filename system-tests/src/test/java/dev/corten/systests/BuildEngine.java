package dev.corten.systests;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives the tests of a class one [Engine] with the [BuildBases]. Each test finds no containers; the
/// images and the cache of those before it are there.
final class BuildEngine
        implements BeforeAllCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final Namespace OURS = Namespace.create(BuildEngine.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        Engine engine = Engine.start();
        context.getStore(OURS).put(Engine.class, engine);
        if (!Limits.againstStub()) {
            BuildBases.load(engine);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getStore(OURS).get(Engine.class) instanceof Engine engine) {
            engine.removeContainers();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getStore(OURS).get(Engine.class) instanceof Engine engine) {
            engine.closeCleanly();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Engine.class || type == Client.class || type == Api.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var engine = (Engine) context.getStore(OURS).get(Engine.class);
        Class<?> type = parameter.getParameter().getType();
        if (type == Client.class) {
            return engine.docker();
        }
        return type == Api.class ? engine.api() : engine;
    }
}
