package io.lsmbd.nbd.wire;

/**
 * The numbers of the NBD protocol (doc/proto.md of NetworkBlockDevice/nbd), in its order and with
 * its names. Everything on the wire is big-endian.
 */
public final class NbdConstants {
    // Newstyle negotiation

    /** {@code NBDMAGIC}. */
    public static final long INIT_MAGIC = 0x4e42444d41474943L;

    /** {@code IHAVEOPT}. */
    public static final long OPTION_MAGIC = 0x49484156454f5054L;

    public static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;

    /** Magic, option, length. */
    public static final int OPTION_HEADER_LENGTH = Long.BYTES + Integer.BYTES + Integer.BYTES;

    /** Behind the flags in the answer to EXPORT_NAME, unless NO_ZEROES was agreed. */
    public static final int EXPORT_NAME_PADDING = 124;

    /** Of a name, a query or a message, in bytes of UTF-8. */
    public static final int MAX_STRING_LENGTH = 4096;

    // Handshake flags and client flags

    public static final int FLAG_FIXED_NEWSTYLE = 1 << 0;
    public static final int FLAG_NO_ZEROES = 1 << 1;

    // Transmission flags

    public static final int FLAG_HAS_FLAGS = 1 << 0;
    public static final int FLAG_READ_ONLY = 1 << 1;
    public static final int FLAG_SEND_FLUSH = 1 << 2;
    public static final int FLAG_SEND_FUA = 1 << 3;
    public static final int FLAG_ROTATIONAL = 1 << 4;
    public static final int FLAG_SEND_TRIM = 1 << 5;
    public static final int FLAG_SEND_WRITE_ZEROES = 1 << 6;
    public static final int FLAG_SEND_DF = 1 << 7;
    public static final int FLAG_CAN_MULTI_CONN = 1 << 8;
    public static final int FLAG_SEND_RESIZE = 1 << 9;
    public static final int FLAG_SEND_CACHE = 1 << 10;
    public static final int FLAG_SEND_FAST_ZERO = 1 << 11;
    public static final int FLAG_BLOCK_STATUS_PAYLOAD = 1 << 12;

    // Option types

    public static final int OPT_EXPORT_NAME = 1;
    public static final int OPT_ABORT = 2;
    public static final int OPT_LIST = 3;
    public static final int OPT_PEEK_EXPORT = 4;
    public static final int OPT_STARTTLS = 5;
    public static final int OPT_INFO = 6;
    public static final int OPT_GO = 7;
    public static final int OPT_STRUCTURED_REPLY = 8;
    public static final int OPT_LIST_META_CONTEXT = 9;
    public static final int OPT_SET_META_CONTEXT = 10;
    public static final int OPT_EXTENDED_HEADERS = 11;

    // Option reply types

    public static final int REP_ACK = 1;
    public static final int REP_SERVER = 2;
    public static final int REP_INFO = 3;
    public static final int REP_META_CONTEXT = 4;
    public static final int REP_ERR_UNSUP = 0x80000001;
    public static final int REP_ERR_POLICY = 0x80000002;
    public static final int REP_ERR_INVALID = 0x80000003;
    public static final int REP_ERR_PLATFORM = 0x80000004;
    public static final int REP_ERR_TLS_REQD = 0x80000005;
    public static final int REP_ERR_UNKNOWN = 0x80000006;
    public static final int REP_ERR_SHUTDOWN = 0x80000007;
    public static final int REP_ERR_BLOCK_SIZE_REQD = 0x80000008;
    public static final int REP_ERR_TOO_BIG = 0x80000009;
    public static final int REP_ERR_EXT_HEADER_REQD = 0x8000000a;

    // Information types of INFO and GO

    public static final int INFO_EXPORT = 0;
    public static final int INFO_NAME = 1;
    public static final int INFO_DESCRIPTION = 2;
    public static final int INFO_BLOCK_SIZE = 3;

    // Metadata contexts

    public static final String BASE_NAMESPACE = "base:";
    public static final String BASE_ALLOCATION = "base:allocation";
    public static final String LSMBD_NAMESPACE = "lsmbd:";
    public static final String LSMBD_LOCATION = "lsmbd:location";
    public static final int STATE_HOLE = 1 << 0;
    public static final int STATE_ZERO = 1 << 1;

    // Of lsmbd:location; more may come, and may be combined

    /** Nowhere: it reads as zeroes. */
    public static final int LOCATION_HOLE = 1 << 0;

    /** In the server's log, in no committed segment yet. */
    public static final int LOCATION_WAL = 1 << 1;

    /** In a committed segment in the object store. */
    public static final int LOCATION_SEGMENT = 1 << 2;

    /** Besides, in a cache of the server: to be read without a request to the object store. */
    public static final int LOCATION_CACHED = 1 << 3;

    // Request message

    public static final int REQUEST_MAGIC = 0x25609513;

    /** Magic, command flags, type, cookie, offset, length. */
    public static final int REQUEST_LENGTH =
            Integer.BYTES + Short.BYTES + Short.BYTES + Long.BYTES + Long.BYTES + Integer.BYTES;

    public static final int EXTENDED_REQUEST_MAGIC = 0x21e41c71;

    /**
     * Of requests: magic, command flags, type, cookie, offset, length. Of replies: magic, flags,
     * type, cookie, the request's offset, length of what follows.
     */
    public static final int EXTENDED_HEADER_LENGTH =
            Integer.BYTES + Short.BYTES + Short.BYTES + Long.BYTES + Long.BYTES + Long.BYTES;

    // Command flags

    public static final int CMD_FLAG_FUA = 1 << 0;
    public static final int CMD_FLAG_NO_HOLE = 1 << 1;
    public static final int CMD_FLAG_DF = 1 << 2;
    public static final int CMD_FLAG_REQ_ONE = 1 << 3;
    public static final int CMD_FLAG_FAST_ZERO = 1 << 4;
    public static final int CMD_FLAG_PAYLOAD_LEN = 1 << 5;

    // Simple reply message

    public static final int SIMPLE_REPLY_MAGIC = 0x67446698;

    /** Magic, error, cookie. */
    public static final int SIMPLE_REPLY_LENGTH = Integer.BYTES + Integer.BYTES + Long.BYTES;

    // Structured reply chunk message

    public static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    /** Magic, flags, type, cookie, length of what follows. */
    public static final int CHUNK_HEADER_LENGTH =
            Integer.BYTES + Short.BYTES + Short.BYTES + Long.BYTES + Integer.BYTES;

    // Extended reply chunk message

    public static final int EXTENDED_REPLY_MAGIC = 0x6e8a278c;

    // Structured reply flags and types

    public static final int REPLY_FLAG_DONE = 1 << 0;

    public static final int REPLY_TYPE_NONE = 0;
    public static final int REPLY_TYPE_OFFSET_DATA = 1;
    public static final int REPLY_TYPE_OFFSET_HOLE = 2;
    public static final int REPLY_TYPE_BLOCK_STATUS = 5;
    public static final int REPLY_TYPE_BLOCK_STATUS_EXT = 6;
    public static final int REPLY_TYPE_ERROR = 0x8001;
    public static final int REPLY_TYPE_ERROR_OFFSET = 0x8002;

    static {
        assert OPTION_HEADER_LENGTH == 16;
        assert REQUEST_LENGTH == 28;
        assert EXTENDED_HEADER_LENGTH == 32;
        assert SIMPLE_REPLY_LENGTH == 16;
        assert CHUNK_HEADER_LENGTH == 20;
    }

    private NbdConstants() {}
}
