package io.lsmbd.admin;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages away from the API. A page of another site that calls it carries its own Origin;
 * one that made its host name point here (DNS rebinding) carries that name as Host. So the API
 * answers only under IP addresses, localhost and configured names, and only callers of the same
 * origin.
 */
final class CallerCheck {
    private static final Pattern IP_ADDRESS =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+]");
    private final Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    CallerCheck(AdminConfig config) {
        names.add("localhost");
        names.add(config.listen().host());
        names.addAll(config.hostNames());
    }

    void check(Headers headers) throws BadRequestException {
        String host = headers.getFirst("Host");
        if (host == null || !isOurs(host)) {
            throw new BadRequestException(
                    403,
                    "this API is not served under the host name \"%s\"".formatted(host),
                    "use the IP address, or add the name to admin.host-names");
        }
        String origin = headers.getFirst("Origin");
        if (origin != null && !host.equalsIgnoreCase(authority(origin))) {
            throw new BadRequestException(
                    403, "this API does not answer web pages of " + origin, "");
        }
    }

    private boolean isOurs(String host) {
        String name = host.replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
        return IP_ADDRESS.matcher(name).matches() || names.contains(name);
    }

    private static @Nullable String authority(String origin) {
        try {
            return URI.create(origin).getAuthority();
        } catch (IllegalArgumentException _) {
            return null;
        }
    }
}
