package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

/// Images under the names that everybody knows, so that the lines of tutorials can be typed as they
/// stand: of Debian's busybox, a few scripts, and the same configuration as the real ones. They are
/// put into a registry, which an engine finds as a mirror of Docker Hub.
final class StandIns {
    private static final String PATH =
            "\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"";

    private StandIns() {}

    /// Publishes all of them.
    static void publish(RegistryApi registry) {
        ubuntu("24.04").publish(registry, "library/ubuntu", "latest");
        ubuntu("20.04").publish(registry, "library/ubuntu", "20.04");
        ubuntu("18.04").publish(registry, "library/ubuntu", "18.04");
        alpine().publish(registry, "library/alpine", "latest");
        nginx().publish(registry, "library/nginx", "latest");
        tomcat().publish(registry, "library/tomcat", "latest");
        mongo().publish(registry, "library/mongo", "latest");
        Published.publish(
                registry, "library/hello-world", "latest", helloWorld(), helloWorldElsewhere());
        node("14.18.0").publish(registry, "library/node", "14.18.0");
        node("20.20.0").publish(registry, "library/node", "20");
        node("18.0.0").publish(registry, "seriousbug98/node-hello-world", "tagname");
    }

    private static byte[] base() {
        return Image.busyboxLayer();
    }

    static Published ubuntu(String version) {
        return new Published()
                .layer(base())
                .layer(
                        new Tar()
                                .directory("etc", 0755)
                                .file(
                                        "etc/os-release",
                                        "PRETTY_NAME=\"Ubuntu " + version + "\"\nID=ubuntu\n")
                                .directory("bin", 0755)
                                .file(
                                        "bin/bash",
                                        "#!/bin/sh\nPS1='\\u@\\h:\\w# ' exec /bin/sh \"$@\"\n"
                                                .getBytes(UTF_8),
                                        0755)
                                .bytes())
                .history("/bin/sh -c #(nop)  CMD [\"/bin/bash\"]")
                .config("\"Cmd\":[\"/bin/bash\"],\"Env\":[" + PATH + "]");
    }

    static Published alpine() {
        return new Published()
                .layer(base())
                .history("CMD [\"/bin/sh\"]")
                .config("\"Cmd\":[\"/bin/sh\"],\"Env\":[" + PATH + "]");
    }

    /// Shares its first layer with the others, as images of one distribution do.
    static Published nginx() {
        return new Published()
                .layer(base())
                .history("/bin/sh -c #(nop)  ENV NGINX_VERSION=1.21.6")
                .layer(
                        new Tar()
                                .directory("usr", 0755)
                                .directory("usr/sbin", 0755)
                                .file(
                                        "usr/sbin/nginx",
                                        "#!/bin/sh\nexec httpd -f -p 80 -h /usr/share/nginx/html\n"
                                                .getBytes(UTF_8),
                                        0755)
                                .bytes())
                .layer(
                        new Tar()
                                .directory("etc", 0755)
                                .directory("etc/nginx", 0755)
                                .file("etc/nginx/nginx.conf", "worker_processes auto;\n")
                                .bytes())
                .layer(
                        new Tar()
                                .directory("usr", 0755)
                                .directory("usr/share", 0755)
                                .directory("usr/share/nginx", 0755)
                                .directory("usr/share/nginx/html", 0755)
                                .file(
                                        "usr/share/nginx/html/index.html",
                                        "<h1>Welcome to nginx!</h1>\n")
                                .bytes())
                .history("/bin/sh -c #(nop)  EXPOSE 80")
                .history("/bin/sh -c #(nop)  STOPSIGNAL SIGQUIT")
                .history("/bin/sh -c #(nop)  CMD [\"nginx\" \"-g\" \"daemon off;\"]")
                .config(
                        "\"Cmd\":[\"nginx\",\"-g\",\"daemon off;\"],\"StopSignal\":\"SIGQUIT\","
                                + "\"ExposedPorts\":{\"80/tcp\":{}},"
                                + "\"Env\":["
                                + PATH
                                + ",\"NGINX_VERSION=1.21.6\"]");
    }

    static Published tomcat() {
        return server("usr/local/tomcat/webapps", "<h1>Apache Tomcat</h1>\n", 8080)
                .config(
                        "\"Cmd\":[\"httpd\",\"-f\",\"-p\",\"8080\",\"-h\","
                                + "\"/usr/local/tomcat/webapps\"],"
                                + "\"WorkingDir\":\"/usr/local/tomcat\","
                                + "\"ExposedPorts\":{\"8080/tcp\":{}},\"Env\":["
                                + PATH
                                + "]");
    }

    static Published mongo() {
        return server("data/db", "It looks like you are trying to access MongoDB.\n", 27017)
                .config(
                        "\"Cmd\":[\"httpd\",\"-f\",\"-p\",\"27017\",\"-h\",\"/data/db\"],"
                                + "\"Volumes\":{\"/data/db\":{}},"
                                + "\"ExposedPorts\":{\"27017/tcp\":{}},\"Env\":["
                                + PATH
                                + "]");
    }

    private static Published server(String folder, String page, int port) {
        var tar = new Tar();
        var path = new StringBuilder();
        for (String name : folder.split("/")) {
            path.append(path.isEmpty() ? "" : "/").append(name);
            tar.directory(path.toString(), 0755);
        }
        tar.file(folder + "/index.html", page);
        return new Published()
                .layer(base())
                .layer(tar.bytes())
                .history("/bin/sh -c #(nop)  EXPOSE " + port);
    }

    static Published helloWorld() {
        return new Published()
                .layer(base())
                .layer(
                        new Tar()
                                .file(
                                        "hello",
                                        "#!/bin/sh\necho; echo 'Hello from Docker!'\n"
                                                .getBytes(UTF_8),
                                        0755)
                                .bytes())
                .history("/bin/sh -c #(nop)  CMD [\"/hello\"]")
                .config("\"Cmd\":[\"/hello\"],\"Env\":[" + PATH + "]");
    }

    private static Published helloWorldElsewhere() {
        return new Published()
                .architecture(Image.architecture().equals("amd64") ? "arm64" : "amd64")
                .layer(new Tar().file("hello", "another machine's program").bytes())
                .config("\"Cmd\":[\"/hello\"]");
    }

    static Published node(String version) {
        return new Published()
                .layer(base())
                .layer(
                        new Tar()
                                .directory("usr", 0755)
                                .directory("usr/local", 0755)
                                .directory("usr/local/bin", 0755)
                                .file(
                                        "usr/local/bin/node",
                                        ("#!/bin/sh\necho v" + version + "\n").getBytes(UTF_8),
                                        0755)
                                .bytes())
                .history("CMD [\"node\"]")
                .config(
                        "\"Cmd\":[\"node\"],\"Env\":["
                                + PATH
                                + ",\"NODE_VERSION="
                                + version
                                + "\"]");
    }
}
