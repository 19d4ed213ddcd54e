package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.nio.file.Files;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The steps of the tutorials on images, files and registries, as they are written there, with the
/// docker command line and with ours. Docker Hub is a mirror with [StandIns].
@ExtendWith(WithRegistry.class)
class TutorialImagesTest {
    private static TutorialShell shell(Lab lab, String client) {
        Engine engine = lab.engine();
        return new TutorialShell(
                client.equals("docker") ? engine.docker() : engine.corten(),
                engine.scratch("tutorial-" + client));
    }

    private static String page(TutorialShell shell, int port) {
        return Eventually.get(
                "a page on " + port,
                () -> shell.run("curl -s localhost:" + port + "/").out().strip(),
                page -> !page.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"CPD-12", "CPD-09", "CPD-13", "CTR-05", "IMG-07", "IMG-16", "IMG-30", "REG-01"})
    void basicsAndCommit(String client, Lab lab) {
        TutorialShell shell = shell(lab, client);
        for (int port : new int[] {8000, 8081, 8082, 8083}) {
            shell.port(port);
        }
        assertThat(shell.ok("echo hello | docker run -i ubuntu cat")).isEqualTo("hello");
        shell.ok("docker run -d --name web -p 8000:80 nginx");
        assertThat(page(shell, 8000)).contains("Welcome to nginx!");
        assertThat(shell.ok("docker images")).contains("ubuntu", "nginx", "IMAGE ID");
        shell.ok("docker tag ubuntu my_image:latest");
        assertThat(shell.ok("docker rmi my_image")).contains("Untagged: my_image:latest");
        assertThat(shell.typing("docker container prune", "y\n").ok())
                .contains("Total reclaimed space:");
        assertThat(shell.typing("docker image prune", "y\n").ok())
                .contains("Total reclaimed space:");
        assertThat(shell.typing("docker image prune -a", "y\n").ok())
                .contains("untagged: ubuntu:latest");
        assertThat(shell.ok("docker images --format '{{.Repository}}'")).isEqualTo("nginx");

        shell.ok("docker pull nginx; docker run -d --name n1 -p 8081:80 nginx");
        assertThat(page(shell, 8081)).contains("Welcome to nginx!");
        shell.ok("docker exec n1 sh -c 'echo version one > /usr/share/nginx/html/index.html'");
        assertThat(page(shell, 8081)).isEqualTo("version one");
        assertThat(shell.ok("docker commit n1 commit_test:1.0")).matches("sha256:[0-9a-f]{64}");
        shell.ok("docker run -d --name n2 -p 8082:80 commit_test:1.0");
        assertThat(page(shell, 8082)).isEqualTo("version one");
        shell.ok(
                "echo version two > index.html; docker exec -i n2 sh -c"
                        + " 'cat > /usr/share/nginx/html/index.html' < index.html");
        shell.ok("docker commit n2 commit_test:2.0");
        shell.ok("docker run -d --name n3 -p 8083:80 commit_test:2.0");
        assertThat(page(shell, 8083)).isEqualTo("version two");
        assertThat(page(shell, 8081)).isEqualTo("version one");
        assertThat(shell.ok("docker history -q commit_test:2.0").lines().count())
                .isEqualTo(shell.ok("docker history -q commit_test:1.0").lines().count() + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({
        "IMG-08", "IMG-43", "IMG-44", "IMG-48", "IMG-49", "IMG-53", "IMG-55", "IMG-11", "CPD-14",
        "CPD-17", "CPD-18", "CON-17"
    })
    void filesOfImages(String client, Lab lab) throws Exception {
        TutorialShell shell = shell(lab, client);
        shell.ok("docker pull nginx");
        shell.ok("docker tag nginx:latest my_image:latest");
        shell.ok("docker save -o my_image.tar my_image:latest; ls my_image.tar");
        assertThat(shell.ok("docker load -i my_image.tar"))
                .contains("Loaded image: my_image:latest");
        assertThat(shell.ok("docker pull nginx:latest")).contains("Image is up to date");
        String id = shell.ok("docker images -q --no-trunc nginx");
        shell.ok("docker save -o nginx_image.tar nginx:latest");
        assertThat(shell.ok("ls")).contains("nginx_image.tar");
        shell.ok("docker rmi -f nginx:latest my_image:latest");
        assertThat(shell.ok("docker images -q")).isEmpty();
        assertThat(shell.ok("docker load -i nginx_image.tar"))
                .contains("Loaded image: nginx:latest");
        assertThat(shell.ok("docker images -q --no-trunc nginx")).isEqualTo(id);
        shell.ok("docker run -d --name n1 nginx");
        shell.ok("docker export n1 -o n1.tar; docker import n1.tar imp:1");
        assertThat(shell.ok("docker history -q imp:1").lines()).hasSize(1);
        assertThat(shell.says("docker run imp:1")).contains("no command specified");
        shell.ok("docker run -d --name n2 imp:1 nginx -g 'daemon off;'");
        assertThat(shell.ok("docker ps --format '{{.Names}}' | sort")).isEqualTo("n1\nn2");
        assertThat(shell.ok("docker pull seriousbug98/node-hello-world:tagname"))
                .contains("Downloaded newer image for seriousbug98/node-hello-world:tagname");
        // The mirror has none, and Docker Hub cannot be asked.
        assertThat(shell.run("docker pull seriousbug98/node-hello-world:gone").status())
                .isEqualTo(1);
        assertThat(Files.size(lab.engine().scratch("tutorial-" + client + "/n1.tar")))
                .isGreaterThan(1_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({
        "REG-09", "REG-10", "REG-11", "REG-12", "REG-15", "REG-16", "REG-17", "REG-26", "IMG-17",
        "IMG-18", "IMG-22"
    })
    void anOwnRegistry(String client, Lab lab) {
        TutorialShell shell = shell(lab, client);
        shell.port(9000);
        lab.engine().corten().ok("registry", "image", "-t", "registry:2");
        shell.ok("docker run -d -p 9000:5000 --name my_registry registry:2");
        assertThat(shell.ok("docker ps")).contains("->5000/tcp");
        shell.ok("docker pull nginx:latest");
        shell.ok("docker tag nginx:latest localhost:9000/my-nginx");
        assertThat(shell.ok("docker images -q | sort -u | wc -l")).isEqualTo("2");
        Eventually.holds(
                "the registry answers",
                () -> shell.run("curl -sf localhost:9000/v2/").status() == 0);
        assertThat(shell.ok("docker push localhost:9000/my-nginx"))
                .contains("Using default tag: latest", ": Pushed", "latest: digest: sha256:");
        assertThat(shell.ok("docker push localhost:9000/my-nginx"))
                .contains(": Layer already exists")
                .doesNotContain(": Pushed");
        assertThat(
                        shell.ok(
                                "docker exec -i my_registry sh -c"
                                        + " 'ls /var/lib/registry/docker/registry/v2/repositories/'"))
                .isEqualTo("my-nginx");
        String digest =
                shell.ok("docker inspect -f '{{json .RepoDigests}}' localhost:9000/my-nginx");
        shell.ok("docker rmi localhost:9000/my-nginx nginx");
        assertThat(shell.ok("docker pull localhost:9000/my-nginx")).contains("Digest: sha256:");
        assertThat(digest)
                .contains(
                        shell.ok(
                                "docker images --digests --format '{{.Digest}}'"
                                        + " localhost:9000/my-nginx"));
        bySecondEngine(client, lab.engine(), shell, digest);
    }

    /// By the first one's address, and only where that has been said to be insecure.
    private static void bySecondEngine(
            String client, Engine first, TutorialShell shell, String digest) {
        String ip = first.bridgeAddress();
        String pull = "docker pull " + ip + ":9000/my-nginx";
        Finished stranger = shell.run(pull);
        assertThat(stranger.status()).isEqualTo(1);
        assertThat(stranger.err()).contains("http: server gave HTTP response to HTTPS client");
        Engine second = Engine.start("--insecure-registry", ip + ":" + shell.port(9000));
        try {
            TutorialShell there =
                    shell.with(client.equals("docker") ? second.docker() : second.corten());
            String pulled = there.ok(pull);
            assertThat(pulled).contains("Status: Downloaded newer image for " + ip + ":");
            String line =
                    pulled.lines().filter(l -> l.startsWith("Digest: ")).findFirst().orElseThrow();
            assertThat(digest).contains(line.substring("Digest: ".length()));
            there.ok("docker run -d --name web " + ip + ":9000/my-nginx");
            assertThat(there.ok("docker exec web cat /usr/share/nginx/html/index.html"))
                    .contains("Welcome to nginx!");
        } finally {
            second.closeCleanly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({
        "IMG-01", "IMG-02", "IMG-03", "IMG-07", "IMG-12", "IMG-13", "IMG-21", "IMG-26", "IMG-29",
        "IMG-32", "IMG-45", "IMG-47", "IMG-51", "IMG-52", "CPD-07", "CPD-08", "CPD-10", "CPD-16"
    })
    void allCommands(String client, Lab lab) {
        TutorialShell shell = shell(lab, client);
        String own = lab.proxy().host();
        assertThat(shell.ok("docker image pull nginx:latest"))
                .contains("Digest: sha256:", "Status: Downloaded newer image for nginx:latest");
        for (int i = 1; i <= 3; i++) {
            Published.noise(i, 100).publish(lab.registry().api(), "multi", "v" + i);
        }
        assertThat(shell.ok("docker image pull -a " + own + "/multi"))
                .contains("v1: Pulling from", "v2: Pulling from", "v3: Pulling from");
        assertThat(shell.ok("docker image ls " + own + "/multi --format '{{.Tag}}' | sort"))
                .isEqualTo("v1\nv2\nv3");
        StandIns.nginx().publish(lab.registry().api(), "some/path/nginx", "latest");
        shell.ok("docker image pull " + own + "/some/path/nginx:latest");
        assertThat(shell.ok("docker image ls")).contains(own + "/some/path/nginx");
        assertThat(shell.ok("docker image ls nginx").lines()).hasSize(2);
        assertThat(shell.ok("docker image ls --digests nginx")).contains("sha256:");
        assertThat(shell.ok("docker image inspect nginx"))
                .contains("\"Id\"", "\"Created\"", "\"DockerVersion\"", "\"Architecture\"");
        shell.ok("docker image tag nginx:latest someone/webserver:1.0");
        assertThat(shell.ok("docker image ls")).contains("someone/webserver");
        assertThat(shell.ok("docker image rm someone/webserver:1.0"))
                .contains("Untagged: someone/webserver:1.0");
        assertThat(shell.typing("docker image prune", "y\n").ok())
                .contains("Total reclaimed space:");

        shell.ok("docker container run -d --name webserver nginx");
        shell.ok("docker exec webserver sh -c 'echo x > /tmp/test.txt; rm /etc/plain'");
        assertThat(shell.ok("docker container diff webserver"))
                .contains("A /tmp/test.txt", "C /tmp", "D /etc/plain");
        assertThat(
                        shell.ok(
                                "docker container commit -a \"name <mail>\" -m \"message\""
                                        + " webserver user/webfront:1.0"))
                .startsWith("sha256:");
        assertThat(shell.ok("docker inspect -f '{{.Author}} {{.Comment}}' user/webfront:1.0"))
                .isEqualTo("name <mail> message");
        shell.ok("docker container export webserver > latest.tar");
        assertThat(shell.ok("tar tf latest.tar")).contains("bin/", "etc/", "usr/");
        assertThat(shell.ok("cat latest.tar | docker image import - user/webfront:1.1"))
                .startsWith("sha256:");
        assertThat(shell.ok("docker history -q user/webfront:1.1").lines()).hasSize(1);
        shell.ok("docker image save -o export.tar nginx");
        assertThat(shell.ok("tar tf export.tar"))
                .contains("manifest.json", "blobs/sha256/")
                .doesNotContain("etc/nginx");
        assertThat(shell.ok("docker image load -i export.tar")).contains("Loaded image");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({
        "IMG-33", "IMG-34", "IMG-35", "IMG-36", "IMG-37", "IMG-38", "CON-13", "CON-14", "DSK-01",
        "DSK-05", "DSK-07", "DSK-14", "DSK-15", "DSK-17", "DSK-18", "DSK-19", "DSK-22", "DSK-24",
        "DSK-25"
    })
    void layersOnDisk(String client, Lab lab) {
        TutorialShell shell = shell(lab, client);
        assertThat(shell.ok("docker pull nginx").lines().filter(l -> l.endsWith("Pull complete")))
                .hasSizeGreaterThan(2);
        assertThat(shell.ok("docker inspect nginx"))
                .contains("\"Id\": \"sha256:", "80/tcp", "NGINX_VERSION", "\"layers\"");
        String root = shell.ok("docker info -f '{{.DockerRootDir}}'");
        assertThat(shell.ok("ls " + root + "/image/overlay2"))
                .contains("distribution", "imagedb", "layerdb", "repositories.json");
        String layer =
                shell.ok("docker inspect -f '{{index .RootFS.Layers 0}}' nginx | cut -d: -f2");
        // Written when the machine has nothing better to do.
        String known =
                shell.ok(
                        "cd %s/image/overlay2/distribution; file=v2metadata-by-diffid/sha256/%s;"
                                        .formatted(root, layer)
                                + " timeout 60 sh -c \"until test -s $file; do sleep 0.1; done\";"
                                + " cat $file");
        assertThat(known).contains("\"SourceRepository\":\"docker.io/library/nginx\"");
        String blob = known.replaceAll(".*\"Digest\":\"sha256:([0-9a-f]+)\".*", "$1");
        assertThat(
                        shell.ok(
                                "cat %s/image/overlay2/distribution/diffid-by-digest/sha256/%s"
                                        .formatted(root, blob)))
                .isEqualTo("sha256:" + layer);
        assertThat(
                        shell.ok(
                                "cd %s; id=$(docker images -q --no-trunc nginx | cut -d: -f2);"
                                                .formatted(root)
                                        + " cat image/overlay2/imagedb/content/sha256/$id |"
                                        + " sha256sum | grep -c $id"))
                .isEqualTo("1");
        assertThat(shell.ok("ls " + root + "/overlay2 | grep -cE '^[0-9a-f]{64}$'"))
                .isEqualTo(shell.ok("docker inspect -f '{{len .RootFS.Layers}}' nginx"));
        assertThat(shell.ok("ls -l " + root + "/overlay2/l"))
                .containsPattern("[A-Z0-9]{26} -> ../[0-9a-f]{64}/diff");
        assertThat(shell.ok("docker history nginx"))
                .contains(
                        "IMAGE",
                        "CREATED BY",
                        "/bin/sh -c #(nop)  CMD [\"nginx\" \"-g\" \"daemon…",
                        "STOPSIGNAL SIGQUIT",
                        "EXPOSE 80",
                        "0B",
                        "<missing>");
        long total = size(shell, root);
        assertThat(size(shell, root + "/overlay2")).isGreaterThan(total / 3);
        assertThat(size(shell, root + "/image")).isLessThan(1_000_000);
        assertThat(size(shell, root + "/containers")).isLessThan(100_000);
        assertThat(shell.ok("docker pull tomcat")).contains("Already exists");
        assertThat(shell.ok("docker rmi nginx")).contains("Untagged: nginx:latest", "Deleted:");
        assertThat(shell.ok("docker run --rm tomcat ls /bin/busybox")).isEqualTo("/bin/busybox");
    }

    private static long size(TutorialShell shell, String folder) {
        return Long.parseLong(shell.ok("du -sb " + folder).split("\t")[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({
        "IMG-09", "IMG-10", "IMG-20", "IMG-23", "IMG-24", "IMG-26", "CON-11", "CON-12", "CTR-04"
    })
    void fromBeginnerToExpert(String client, Lab lab) {
        TutorialShell shell = shell(lab, client);
        shell.port(8080);
        assertThat(shell.ok("docker pull hello-world")).contains("Status: Downloaded newer image");
        assertThat(shell.ok("docker run hello-world")).contains("Hello from");
        shell.ok("docker pull node:20");
        assertThat(shell.ok("docker run --rm node:20")).startsWith("v20");
        String id = shell.ok("docker run -d -p 8080:80 nginx 2>/dev/null");
        assertThat(page(shell, 8080)).contains("Welcome to nginx!");
        assertThat(shell.ok("docker stop -t 1 " + id)).isEqualTo(id);
        assertThat(shell.ok("docker rm " + id)).isEqualTo(id);
        assertThat(shell.ok("docker rmi $(docker images -q nginx)"))
                .contains("Untagged:", "Deleted:");
        Finished two = shell.run("docker push ts-express-app your-dockerhub-username");
        assertThat(two.status()).isEqualTo(1);
        assertThat(two.err()).contains("requires 1 argument");
        assertThat(shell.ok("docker pull node:14.18.0"))
                .contains("Downloaded newer image for node:14.18.0");
        shell.ok("docker tag node:14.18.0 ts-express-app");
        shell.ok("docker tag ts-express-app your-dockerhub-username/ts-express-app:latest");
        assertThat(shell.ok("docker images")).contains("your-dockerhub-username/ts-express-app");
        shell.ok(
                "docker tag ts-express-app express-mongo-app:1.0.0;"
                        + " docker tag express-mongo-app:1.0.0 express-mongo-app:1.0;"
                        + " docker tag express-mongo-app:1.0.0 express-mongo-app:latest");
        assertThat(shell.ok("docker images -q express-mongo-app | uniq -c").strip())
                .startsWith("3 ");
    }
}
