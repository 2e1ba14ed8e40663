package io.lsmbd.server;

import io.lsmbd.config.Settings;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** {@code [store]}: where segments live. */
public record StoreSection(String url) {
    static final String AUTO = "auto";
    private static final Pattern SCHEME = Pattern.compile("([a-z0-9]{2,}):.*");

    public StoreSection {
        if (url.isBlank()) {
            throw new IllegalArgumentException("store.url is empty");
        }
        var scheme = SCHEME.matcher(url);
        if (scheme.matches() && !scheme.group(1).equals("file")) {
            throw new IllegalArgumentException(
                    "store.url is %s but this version only knows folders, as file:/path"
                            .formatted(url));
        }
    }

    static StoreSection read(Settings in) {
        return new StoreSection(
                in.text(
                        "store.url",
                        AUTO,
                        "The object store: file:/path, or a path. auto is the folder store "
                                + "below data.dir."));
    }

    /** The folder that is the store. */
    public Path folder(DataSection data) {
        if (url.equals(AUTO)) {
            return data.dir().resolve("store");
        }
        return Path.of(url.replaceFirst("^file:(//)?", ""));
    }
}
