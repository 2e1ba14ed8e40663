package io.lsmbd.admin;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A method and a path such as {@code /v1/volumes/{name}}, and who answers it. */
record Route(String method, List<String> path, Set<String> parameters, Handler handler) {
    /** Makes the answer; may wait. */
    @FunctionalInterface
    interface Handler {
        Answer handle(Request request) throws IOException, BadRequestException;
    }

    static Route get(String path, Handler handler, String... parameters) {
        return new Route("GET", split(path), Set.of(parameters), handler);
    }

    static Route post(String path, Handler handler) {
        return new Route("POST", split(path), Set.of(), handler);
    }

    static Route delete(String path, Handler handler, String... parameters) {
        return new Route("DELETE", split(path), Set.of(parameters), handler);
    }

    static List<String> split(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** The path's variables, if the path is of this route. */
    Optional<Map<String, String>> match(List<String> requested) {
        if (requested.size() != path.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String part = path.get(i);
            if (part.startsWith("{")) {
                variables.put(part.substring(1, part.length() - 1), requested.get(i));
            } else if (!part.equals(requested.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }
}
