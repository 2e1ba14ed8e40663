package io.lsmbd.nbd.access;

/**
 * A pattern for names: {@code *} stands for any characters, {@code ?} for one, everything else for
 * itself.
 */
public record Glob(String pattern) {
    public Glob {
        if (pattern.isEmpty()) {
            throw new IllegalArgumentException("a name pattern is empty");
        }
    }

    /** Takes at most pattern length times name length steps, whatever the two are. */
    boolean matches(String name) {
        int at = 0;
        int next = 0;
        int star = -1;
        int resume = 0;
        while (next < name.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = next;
            } else if (at < pattern.length() && isOne(pattern.charAt(at), name.charAt(next))) {
                at++;
                next++;
            } else if (star >= 0) {
                // The last star takes one character more; earlier ones need not be tried again.
                at = star + 1;
                next = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }

    private static boolean isOne(char wanted, char found) {
        return wanted == '?' || wanted == found;
    }
}
