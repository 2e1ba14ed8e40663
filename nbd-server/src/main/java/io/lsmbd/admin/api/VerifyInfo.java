package io.lsmbd.admin.api;

import java.util.List;

/**
 * The result of reading every byte of many segments.
 *
 * @param problems what is damaged, a sentence each, in the order of the objects
 */
public record VerifyInfo(String store, long segments, long bytes, List<String> problems) {
    public VerifyInfo {
        problems = List.copyOf(problems);
    }
}
