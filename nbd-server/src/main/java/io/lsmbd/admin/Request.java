package io.lsmbd.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.model.VolumeName;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A request whose path matched; everything in it is checked when it is asked for. */
record Request(HttpExchange exchange, Map<String, String> variables, Map<String, String> query) {
    private static final int MAX_BODY_BYTES = 64 << 10;
    private static final int MAX_NUMBER_DIGITS = 18;
    private static final JsonMapper JSON = ApiJson.strict();

    /** Fails on query parameters that the route does not know. */
    static Request of(HttpExchange exchange, Map<String, String> variables, Set<String> known)
            throws BadRequestException {
        return new Request(exchange, variables, queryOf(exchange, known));
    }

    private static Map<String, String> queryOf(HttpExchange exchange, Set<String> known)
            throws BadRequestException {
        Map<String, String> query = new HashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        for (String pair : raw == null ? List.<String>of() : List.of(raw.split("&"))) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (!known.contains(key) || equals < 0) {
                throw new BadRequestException(
                        400, "unknown query parameter \"" + key + '"', "known here: " + known);
            }
            String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
            if (query.put(key, value) != null) {
                throw new BadRequestException(400, "parameter given twice: " + key, "");
            }
        }
        return query;
    }

    VolumeName name() throws BadRequestException {
        try {
            return new VolumeName(variable("name"));
        } catch (IllegalArgumentException e) {
            throw new BadRequestException(400, String.valueOf(e.getMessage()), "");
        }
    }

    long number(String variable) throws BadRequestException {
        return parse(variable, variable(variable));
    }

    /** A number of the query, at least 0. */
    long number(String parameter, long fallback) throws BadRequestException {
        String text = query.get(parameter);
        return text == null ? fallback : parse(parameter, text);
    }

    Optional<String> parameter(String key) {
        return Optional.ofNullable(query.get(key));
    }

    private String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalStateException("no {" + name + "} in this route");
        }
        return value;
    }

    private static long parse(String what, String text) throws BadRequestException {
        if (text.isEmpty()
                || text.length() > MAX_NUMBER_DIGITS
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new BadRequestException(
                    400, "%s is not a number from 0 on: \"%s\"".formatted(what, text), "");
        }
        return Long.parseLong(text);
    }

    <T> T body(Class<T> type) throws BadRequestException, IOException {
        String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
        if (contentType == null || !contentType.matches("application/json *(;.*)?")) {
            throw new BadRequestException(415, "the body must be application/json", "");
        }
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new BadRequestException(413, "the body exceeds " + MAX_BODY_BYTES + " bytes", "");
        }
        try {
            return JSON.readValue(body, type);
        } catch (UnrecognizedPropertyException e) {
            throw new BadRequestException(
                    400,
                    "unknown field \"" + e.getPropertyName() + '"',
                    "known fields: " + e.getKnownPropertyIds());
        } catch (JsonMappingException e) {
            Throwable cause = e.getCause();
            String reason =
                    cause instanceof IllegalArgumentException
                            ? cause.getMessage()
                            : e.getOriginalMessage();
            throw new BadRequestException(400, String.valueOf(reason), "");
        } catch (JsonProcessingException e) {
            throw new BadRequestException(400, "not JSON: " + e.getOriginalMessage(), "");
        }
    }
}
