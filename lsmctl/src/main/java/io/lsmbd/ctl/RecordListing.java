package io.lsmbd.ctl;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.admin.api.WalInfo;
import io.lsmbd.admin.api.WalRecord;
import io.lsmbd.error.StorageException;
import io.lsmbd.inspect.LogDescription;
import io.lsmbd.model.VolumeId;
import io.lsmbd.wal.WalInspection;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Prints a log's records one by one, as they are read: there may be millions. */
final class RecordListing {
    private static final String ROW = "%-24s  %10s  %-16s  %5s  %10s  %-6s  %12s  %10s  %s%n";

    private final PrintWriter out;
    private final @Nullable VolumeId only;
    private final long limit;
    private long printed;
    private boolean hasMore;

    /** {@code only}: null for all volumes. */
    RecordListing(PrintWriter out, @Nullable VolumeId only, long limit) {
        this.out = out;
        this.only = only;
        this.limit = limit;
    }

    /** Prints the log, then its records. */
    void print(WalInfo wal, WalInspection log, boolean isJson) throws StorageException {
        if (isJson) {
            printJson(wal, log);
        } else {
            LogTables.wal(wal).forEach(out::println);
            out.println();
            printRows(log);
        }
        out.flush();
    }

    private interface Printer {
        void print(WalRecord record) throws IOException;
    }

    private void forEach(WalInspection log, Printer printer) throws StorageException {
        log.forEachRecord(record -> {
            if (only != null && !record.volume().equals(only)) {
                return true;
            }
            hasMore = printed == limit;
            if (hasMore) {
                return false;
            }
            try {
                printer.print(LogDescription.of(record));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot print", e);
            }
            printed++;
            // Somebody who reads no more, as `head` does, need not be told of the rest.
            return printed % 1000 != 0 || !out.checkError();
        });
    }

    private void printRows(WalInspection log) throws StorageException {
        out.printf(
                ROW, "FILE", "OFFSET", "VOLUME", "EPOCH", "LSN", "KIND", "LBA", "SECTORS",
                "CRC32C");
        forEach(
                log,
                record ->
                        out.printf(
                                ROW,
                                record.file(),
                                record.offset(),
                                record.volume(),
                                record.epoch(),
                                record.lsn(),
                                record.kind() + (record.continues() ? "+" : ""),
                                record.lba(),
                                record.sectors(),
                                record.crc32c()));
        if (hasMore) {
            out.println("only the first %d; --limit for more".formatted(limit));
        }
    }

    /** The API's record, with the records of the log in a field of their own. */
    private void printJson(WalInfo wal, WalInspection log) throws StorageException {
        JsonMapper mapper = ApiJson.lenient();
        try {
            JsonGenerator json = mapper.createGenerator(out);
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            for (var field : mapper.valueToTree(wal).properties()) {
                json.writeFieldName(field.getKey());
                json.writeTree(field.getValue());
            }
            json.writeArrayFieldStart("listed");
            forEach(log, record -> mapper.writer().writeValue(json, record));
            json.writeEndArray();
            json.writeBooleanField("hasMore", hasMore);
            json.writeEndObject();
            json.close();
            out.println();
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot print", e);
        }
    }
}
