package io.lsmbd.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lsmbd.admin.api.ErrorInfo;
import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port, on the JDK's own HTTP server: a virtual thread for each request, a bounded number
 * of connections. Health and metrics answer from the first moment, the API once {@link #serve} was
 * called.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final String API = "v1";
    private static final String INDEX =
            """
            lsmbd
              /livez        200 while the process works
              /readyz       200 when clients should come, and what is wrong; else 503 and why
              /metrics      for Prometheus
              /v1/status    the admin API in JSON; see also: lsmctl --help
            """;

    private final HttpServer http;
    private final CallerCheck callers;
    private final List<Route> probes;
    private volatile List<Route> api = List.of();

    private AdminServer(
            HttpServer http, CallerCheck callers, Readiness readiness, Supplier<String> metrics) {
        this.http = http;
        this.callers = callers;
        this.probes =
                List.of(
                        Route.get("/", _ -> Answer.text(Answer.OK, INDEX)),
                        Route.get("/livez", _ -> Answer.text(Answer.OK, "ok\n")),
                        Route.get("/readyz", _ -> ready(readiness)),
                        Route.get("/metrics", _ -> Answer.metrics(metrics.get())));
    }

    /**
     * Binds and starts to answer.
     *
     * @throws java.net.BindException if the address is taken
     */
    public static AdminServer open(
            AdminConfig config,
            Environment environment,
            Readiness readiness,
            Supplier<String> metrics)
            throws IOException {
        limit(config);
        HttpServer http = HttpServer.create(config.listen().toSocketAddress(), 0);
        var server = new AdminServer(http, new CallerCheck(config), readiness, metrics);
        http.setExecutor(task -> environment.spawnVirtual("admin-request", task));
        http.createContext("/", server::handle);
        http.start();
        return server;
    }

    /** The JDK's server takes its limits from properties, once, when its first instance is made. */
    private static void limit(AdminConfig config) {
        System.setProperty(
                "jdk.httpserver.maxConnections", Integer.toString(config.maxConnections()));
        System.setProperty("sun.net.httpserver.maxReqTime", "30");
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** Opens the API. */
    public void serve(VolumeAdmin volumes, CertificateAdmin certificates, CostAdmin costs) {
        List<Route> routes = new ArrayList<>(new VolumeRoutes(volumes).routes());
        routes.add(Route.post("/v1/reload", _ -> reload(certificates)));
        routes.add(Route.get("/v1/cost", _ -> Answer.json(Answer.OK, costs.cost())));
        api = List.copyOf(routes);
    }

    private static Answer reload(CertificateAdmin certificates) {
        return certificates
                .reload()
                .map(problem ->
                        Answer.error(
                                Answer.CONFLICT,
                                ErrorInfo.Kind.REFUSED,
                                problem,
                                "correct the file; until then the old ones are in use"))
                .orElseGet(Answer::nothing);
    }

    /** With the real port if 0 was asked for. */
    public InetSocketAddress address() {
        return http.getAddress();
    }

    @Override
    public void close() {
        http.stop(0);
    }

    private static Answer ready(Readiness readiness) {
        List<String> obstacles = readiness.obstacles();
        if (!obstacles.isEmpty()) {
            return Answer.text(Answer.UNAVAILABLE, String.join("\n", obstacles) + "\n");
        }
        List<String> problems = readiness.problems();
        return problems.isEmpty()
                ? Answer.text(Answer.OK, "ready\n")
                : Answer.text(Answer.OK, "ready, degraded\n" + String.join("\n", problems) + "\n");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            var headers = exchange.getResponseHeaders();
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            if (!answer.contentType().isEmpty()) {
                headers.set("Content-Type", answer.contentType());
            }
            boolean isBodyless =
                    answer.body().length == 0 || exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status(), isBodyless ? -1 : answer.body().length);
            if (!isBodyless) {
                exchange.getResponseBody().write(answer.body());
            }
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        try {
            return route(exchange);
        } catch (BadRequestException e) {
            return e.answer();
        } catch (StorageException e) {
            return Failures.answer(e);
        } catch (RuntimeException e) {
            LOG.error("admin request failed path={}", exchange.getRequestURI().getPath(), e);
            return Answer.error(
                    500, ErrorInfo.Kind.INTERNAL, "a bug in lsmbd: " + e, "its log tells more");
        }
    }

    private Answer route(HttpExchange exchange) throws IOException, BadRequestException {
        List<String> path = Route.split(exchange.getRequestURI().getPath());
        boolean isApi = path.getFirst().equals(API);
        if (isApi) {
            callers.check(exchange.getRequestHeaders());
        }
        List<Route> routes = isApi ? api : probes;
        if (isApi && routes.isEmpty()) {
            return Answer.error(
                    Answer.UNAVAILABLE,
                    ErrorInfo.Kind.UNAVAILABLE,
                    "lsmbd is still starting",
                    "/readyz tells what it is doing");
        }
        String method = exchange.getRequestMethod().replace("HEAD", "GET");
        List<String> allowed = new ArrayList<>();
        for (Route route : routes) {
            Optional<Map<String, String>> variables = route.match(path);
            if (variables.isEmpty()) {
                continue;
            }
            if (route.method().equals(method)) {
                return route.handler()
                        .handle(Request.of(exchange, variables.get(), route.parameters()));
            }
            allowed.add(route.method());
        }
        if (allowed.isEmpty()) {
            throw new BadRequestException(404, "there is nothing at this path", "GET / lists all");
        }
        exchange.getResponseHeaders().set("Allow", String.join(", ", allowed));
        throw new BadRequestException(405, "not with this method", "allowed: " + allowed);
    }
}
