package dev.corten.registry;

/// What the JDK's HTTP client is to be told before the first one is made in a process: it reads these
/// once.
public final class JdkHttp {
    static {
        // It refuses to send a password to a proxy in the clear; who writes it into the proxy's
        // address wants just that.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        // A host that is called by one of its addresses is still asked for by its name.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    private JdkHttp() {}

    /// Has it told; to be called by every class that makes one.
    public static void prepare() {
        // The class has done so.
    }
}
