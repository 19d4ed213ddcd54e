package dev.corten.systests;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Like [PrivateEngine], on a [PrivateHost]: all ports are free, and the firewall is nobody else's.
final class OnPrivateHost
        implements BeforeAllCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final Namespace OURS = Namespace.create(OnPrivateHost.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        PrivateHost host = PrivateHost.open();
        context.getStore(OURS).put(PrivateHost.class, host);
        Engine engine = host.start();
        context.getStore(OURS).put(Engine.class, engine);
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
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
        try {
            if (context.getStore(OURS).get(Engine.class) instanceof Engine engine) {
                engine.closeCleanly();
            }
        } finally {
            // Taken out: the store would close it once more.
            if (context.getStore(OURS).remove(PrivateHost.class) instanceof PrivateHost host) {
                host.close();
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == PrivateHost.class
                || type == Engine.class
                || type == Client.class
                || type == Api.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == PrivateHost.class) {
            return context.getStore(OURS).get(PrivateHost.class);
        }
        var engine = (Engine) context.getStore(OURS).get(Engine.class);
        if (type == Client.class) {
            return engine.docker();
        }
        return type == Api.class ? engine.api() : engine;
    }
}
