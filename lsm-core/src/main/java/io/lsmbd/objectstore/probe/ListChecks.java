package io.lsmbd.objectstore.probe;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deleting, and listings that show at once what was put and what was deleted. */
final class ListChecks {
    /** In an order of keys that differs from that of folders; no key is a folder of another. */
    private static final List<String> NAMES =
            List.of(
                    "A", "a-b/x", "a.b", "a/1", "a/10", "a/2", "a/b/z", "a/b-a", "a0", "B/x",
                    "c/d/e/f", "c/d/e0", "c/d-e", "c/d.e/f", "c0/x", "d1", "d2", "d3", "d4", "d5");

    private static final List<Integer> PAGES = List.of(1, 7, NAMES.size(), ObjectStore.MAX_PAGE);
    private static final String LIST_HINT =
            "lsmbd lists to find volumes and what can be reclaimed: it needs a store whose listings"
                    + " are complete, in order and up to date.";
    private static final String DELETE_HINT =
            "Space could never be freed. Grant s3:DeleteObject, and look for object lock or"
                    + " retention on the bucket; `lsmctl doctor --policy` prints all that is"
                    + " needed.";

    private final ObjectStore store;
    private final ProbeRoom room;

    ListChecks(ObjectStore store, ProbeRoom room) {
        this.store = store;
        this.room = room;
    }

    /** Several at once, one of them absent; what was not named stays. */
    Finding delete() throws ObjectStoreException {
        List<ObjectKey> doomed = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            doomed.add(room.key("delete/" + i));
            room.put(doomed.get(i), room.randomBytes(10));
        }
        ObjectKey kept = room.key("delete/kept");
        room.put(kept, room.randomBytes(10));
        doomed.add(2, room.key("delete/absent"));
        store.delete(doomed);
        for (ObjectKey key : doomed) {
            if (room.look(key).isPresent() || room.inform(key).isPresent()) {
                return Finding.failed("a deleted object is still there", DELETE_HINT);
            }
        }
        if (room.look(kept).isEmpty()) {
            return Finding.failed("an object went with those that were deleted", DELETE_HINT);
        }
        store.delete(doomed);
        room.put(doomed.getFirst(), room.randomBytes(10));
        if (room.look(doomed.getFirst()).isEmpty()) {
            return Finding.failed("a deleted object cannot be put anew", DELETE_HINT);
        }
        return Finding.ok("several at once, absent ones among them");
    }

    /** Each new object is in the next listing; pages of any size add up to all, in order. */
    Finding listAfterWrite() throws ObjectStoreException {
        String folder = room.prefix() + "list/";
        List<ObjectKey> keys = new ArrayList<>();
        int late = 0;
        for (String name : NAMES) {
            ObjectKey key = room.key("list/" + name);
            room.put(key, room.randomBytes(name.length()));
            keys.add(key);
            late += listed(folder, ObjectStore.MAX_PAGE).contains(key) ? 0 : 1;
        }
        if (late > 0) {
            return Finding.failed(
                            "%d of %d objects were not listed right after they had been put"
                                    .formatted(late, NAMES.size()),
                            LIST_HINT)
                    .with("late", late);
        }
        List<ObjectKey> wanted = keys.stream().sorted().toList();
        for (int page : PAGES) {
            List<ObjectKey> found = listed(folder, page);
            if (!found.equals(wanted)) {
                return Finding.failed(
                        "listed in pages of %d, %d objects are %d, or in another order"
                                .formatted(page, wanted.size(), found.size()),
                        LIST_HINT);
            }
        }
        return Finding.ok("new objects are listed at once, in order, in pages of any size")
                .with("objects", NAMES.size())
                .with("late", 0);
    }

    /** A deleted object is in no listing any more, and the others are. */
    Finding listAfterDelete() throws ObjectStoreException {
        String folder = room.prefix() + "list-after-delete/";
        List<ObjectKey> keys = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            keys.add(room.key("list-after-delete/" + i));
            room.put(keys.get(i), room.randomBytes(10));
        }
        while (!keys.isEmpty()) {
            store.delete(List.of(keys.removeFirst()));
            if (!listed(folder, ObjectStore.MAX_PAGE).equals(keys)) {
                return Finding.failed(
                        "after a deletion %d objects are not what is listed".formatted(keys.size()),
                        LIST_HINT);
            }
        }
        return Finding.ok("deleted objects are not listed any more");
    }

    private List<ObjectKey> listed(String prefix, int pageSize) throws ObjectStoreException {
        List<ObjectKey> found = new ArrayList<>();
        @Nullable ObjectKey after = null;
        // A store that repeats itself must not keep us here.
        for (int pages = 0; pages <= 2 * NAMES.size(); pages++) {
            ObjectPage page = store.list(prefix, after, pageSize);
            page.objects().stream().map(ObjectInfo::key).forEach(found::add);
            if (!page.hasMore() || page.objects().isEmpty()) {
                break;
            }
            after = page.objects().getLast().key();
        }
        return found;
    }
}
