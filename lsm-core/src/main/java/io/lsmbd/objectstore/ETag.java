package io.lsmbd.objectstore;

/** A store's opaque name for one version of an object; equal means the same content. */
public record ETag(String value) {
    public ETag {
        if (value.isEmpty() || value.length() > 1024) {
            throw new IllegalArgumentException("not an ETag: " + value.length() + " characters");
        }
    }
}
