package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.StoredObject;
import io.lsmbd.objectstore.file.FileObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that races others on one folder: it waits for a line on its input, then creates objects
 * and adds to a swapped counter, and prints how many it created.
 */
final class StoreRacer {
    static final ObjectKey COUNTER = new ObjectKey("counter");
    static final int OBJECTS = 200;
    static final int ADDITIONS = 100;

    private StoreRacer() {}

    public static void main(String[] arguments) throws IOException {
        try (ObjectStore store =
                FileObjectStore.open(Path.of(arguments[0]), System::currentTimeMillis)) {
            System.out.println("ready");
            int go = System.in.read();
            int created = 0;
            for (int i = 0; i < OBJECTS; i++) {
                created += create(store, new ObjectKey("race/" + i), arguments[1]) ? 1 : 0;
            }
            for (int i = 0; i < ADDITIONS; i++) {
                addOne(store);
            }
            System.out.println("created " + created + " after " + (char) go);
            // Killed here by the test, or ended by the end of its input.
            int end = System.in.read();
            assert end <= '\n';
        }
    }

    private static boolean create(ObjectStore store, ObjectKey key, String name)
            throws IOException {
        List<ByteBuffer> body = List.of(ByteBuffer.wrap(name.getBytes(UTF_8)));
        return store.put(key, body, new PutCondition.IfAbsent()) instanceof PutOutcome.Stored;
    }

    private static void addOne(ObjectStore store) throws IOException {
        PutOutcome outcome = new PutOutcome.ConditionFailed();
        while (outcome instanceof PutOutcome.ConditionFailed) {
            StoredObject current = store.get(COUNTER);
            int next = Integer.parseInt(new String(current.bytes(), UTF_8)) + 1;
            ByteBuffer body = ByteBuffer.wrap(Integer.toString(next).getBytes(UTF_8));
            outcome = store.put(COUNTER, List.of(body), new PutCondition.IfMatches(current.etag()));
        }
        if (!(outcome instanceof PutOutcome.Stored)) {
            throw new IOException("unexpected " + outcome);
        }
    }
}
