/**
 * The object store that is a folder: for one host, for a shared file system, and for tests. An
 * object is a file with exactly the object's bytes, at the path that its key spells; what is beside
 * them begins with a dot, which no key does.
 *
 * <pre>
 * &lt;root&gt;/&lt;key&gt;                    one object
 * &lt;root&gt;/.lsmbd/lock/&lt;00..ff&gt;     lock files; a key's stripe is locked to change it
 * &lt;root&gt;/.lsmbd/lock/sessions     locked while a session begins or dead sessions are removed
 * &lt;root&gt;/.lsmbd/session/&lt;id&gt;/     one open store: its temporary files, and
 * &lt;root&gt;/.lsmbd/session/&lt;id&gt;/alive  locked for as long as that store is open
 * </pre>
 *
 * <p>A put survives power loss because of its order: (1) the bytes go into a temporary file of the
 * same file system, (2) fsync of that file, (3) the name appears at once and complete, by link(2)
 * for create-only and by rename(2) under the key's lock for a replacement, (4) fsync of the folder,
 * after that of every folder above it that may be new. Only then the put is answered. A put that
 * fails after step 3 is unknown; before it, certainly nothing is stored.
 *
 * <p>The state of an open store (its session, the folders known to be durable) is owned by {@link
 * io.lsmbd.objectstore.file.FileObjectStore}; all else is in the file system. {@link
 * io.lsmbd.objectstore.file.ReadOnlyFileStore} only looks: it has no session and leaves nothing.
 */
@NullMarked
package io.lsmbd.objectstore.file;

import org.jspecify.annotations.NullMarked;
