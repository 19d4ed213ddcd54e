package dev.corten.api;

import dev.corten.api.wire.ApiVersion;
import java.util.ArrayList;
import java.util.List;

/// The route table: the rows of each kind of thing.
final class Routes {
    private Routes() {}

    static List<Route> all(Services services, ApiVersion oldest) {
        var routes = new ArrayList<Route>();
        routes.addAll(new SystemRoutes(services, oldest).routes());
        routes.addAll(new ContainerRoutes(services).routes());
        routes.addAll(new InsightRoutes(services).routes());
        routes.addAll(new MountRoutes(services).routes());
        routes.addAll(new MigrationRoutes(services).routes());
        routes.addAll(new StatsRoutes(services).routes());
        routes.addAll(new PruneRoutes(services).routes());
        routes.addAll(new StreamRoutes(services).routes());
        routes.addAll(new ExecRoutes(services).routes());
        var pulls = new PullRoutes(services);
        routes.addAll(pulls.routes());
        routes.addAll(new ImageRoutes(services, pulls).routes());
        routes.addAll(new BuildProtocolRoutes(services).routes());
        routes.addAll(new ImageDetailRoutes(services).routes());
        routes.addAll(new ConversionRoutes(services).routes());
        routes.addAll(new RemoteRoutes(services).routes());
        routes.addAll(new ClassicBuildRoutes(services).routes());
        routes.addAll(new BuildCacheRoutes(services).routes());
        routes.addAll(new ArtifactRoutes(services).routes());
        routes.addAll(new ArchiveRoutes(services).routes());
        routes.addAll(new CheckRoutes(services).routes());
        routes.addAll(new RegistryRoutes(services).routes());
        routes.addAll(new NetworkRoutes(services).routes());
        routes.addAll(new DiskRoutes(services).routes());
        routes.addAll(new VolumeRoutes(services).routes());
        routes.addAll(SwarmRoutes.routes());
        List<Route> missing = MissingRoutes.routes();
        routes.addAll(missing);
        routes.add(new OpenApi(routes, missing, services.release().version()).route());
        return routes;
    }
}
