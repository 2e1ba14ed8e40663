package io.lsmbd.admin;

import io.lsmbd.admin.VolumeAdmin.Clients;
import io.lsmbd.admin.VolumeAdmin.SegmentCheck;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.admin.api.ResizeVolume;
import io.lsmbd.admin.api.SetVolume;
import io.lsmbd.admin.api.VolumeList;
import io.lsmbd.inspect.LbaInspector;
import io.lsmbd.inspect.VolumeInsides;
import java.io.IOException;
import java.util.List;

/** The JSON API: each method of {@link VolumeAdmin} at its address. */
final class VolumeRoutes {
    private static final long DEFAULT_RANGE_BYTES = 4096;

    private final VolumeAdmin volumes;

    VolumeRoutes(VolumeAdmin volumes) {
        this.volumes = volumes;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/v1/status", _ -> Answer.json(Answer.OK, volumes.status())),
                Route.get("/v1/volumes", _ -> list()),
                Route.post("/v1/volumes", this::create),
                Route.get("/v1/volumes/{name}", r -> ok(volumes.info(r.name()))),
                Route.delete("/v1/volumes/{name}", this::delete, "clients"),
                Route.post("/v1/volumes/{name}/resize", this::resize),
                Route.post("/v1/volumes/{name}/set", this::set),
                Route.post("/v1/volumes/{name}/accept-loss", r -> ok(volumes.acceptLoss(r.name()))),
                Route.post("/v1/volumes/{name}/discard-log", r -> ok(volumes.discardLog(r.name()))),
                Route.get("/v1/inspect/store", _ -> ok(volumes.inspectStore())),
                Route.get("/v1/inspect/wal", _ -> ok(volumes.inspectWal())),
                Route.get("/v1/inspect/volumes/{name}", this::volume, "segments"),
                Route.get("/v1/inspect/volumes/{name}/segments/{number}", this::segment, "check"),
                Route.get("/v1/inspect/volumes/{name}/lba", this::lba, "offset", "length"));
    }

    private static Answer ok(Object value) {
        return Answer.json(Answer.OK, value);
    }

    private Answer list() throws IOException {
        return ok(new VolumeList(volumes.list()));
    }

    private Answer create(Request request) throws IOException, BadRequestException {
        return Answer.json(Answer.CREATED, volumes.create(request.body(CreateVolume.class)));
    }

    private Answer resize(Request request) throws IOException, BadRequestException {
        return ok(volumes.resize(request.name(), request.body(ResizeVolume.class)));
    }

    private Answer set(Request request) throws IOException, BadRequestException {
        return ok(volumes.set(request.name(), request.body(SetVolume.class)));
    }

    private Answer delete(Request request) throws IOException, BadRequestException {
        Clients clients =
                switch (request.parameter("clients").orElse("respect")) {
                    case "respect" -> Clients.RESPECTED;
                    case "cut-off" -> Clients.CUT_OFF;
                    default ->
                            throw new BadRequestException(400, "clients is respect or cut-off", "");
                };
        volumes.delete(request.name(), clients);
        return Answer.nothing();
    }

    private Answer volume(Request request) throws IOException, BadRequestException {
        VolumeInsides.Segments segments =
                switch (request.parameter("segments").orElse("totals")) {
                    case "totals" -> VolumeInsides.Segments.TOTALS;
                    case "all" -> VolumeInsides.Segments.EACH;
                    default -> throw new BadRequestException(400, "segments is totals or all", "");
                };
        return ok(volumes.inspectVolume(request.name(), segments));
    }

    private Answer segment(Request request) throws IOException, BadRequestException {
        SegmentCheck check =
                switch (request.parameter("check").orElse("tables")) {
                    case "tables" -> SegmentCheck.TABLES;
                    case "frames" -> SegmentCheck.FRAMES;
                    default -> throw new BadRequestException(400, "check is tables or frames", "");
                };
        return ok(volumes.inspectSegment(request.name(), request.number("number"), check));
    }

    private Answer lba(Request request) throws IOException, BadRequestException {
        long offset = request.number("offset", 0);
        long length = request.number("length", DEFAULT_RANGE_BYTES);
        return ok(volumes.inspectLba(request.name(), LbaInspector.range(offset, length)));
    }
}
