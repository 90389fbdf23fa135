/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../detect/call_progress.h"
#include "../player/player.h"
#include "../recorder/recorder.h"
#include "../worker/worker.h"
#include <mcp/contract/room.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* What streams and rooms report to the contexts of their owners. */

typedef struct _McpMediaStream McpMediaStream;

/** McpMediaEventKind: what an event is; the first ones are those of the contract. */
typedef enum {
    MCP_MEDIA_EVENT_LEG,      /* @leg_type */
    MCP_MEDIA_EVENT_OLD_LIST, /* @list is not used any more */
    MCP_MEDIA_EVENT_SOURCE,   /* @remote is where packets come from and go to */
    MCP_MEDIA_EVENT_DATAGRAM, /* @datagram: STUN or DTLS */
    MCP_MEDIA_EVENT_RTCP,     /* @datagram: for who watches, @sent or received at wall @time */
    MCP_MEDIA_EVENT_REMOVED,  /* the worker has let go of the stream; the last event */
    MCP_MEDIA_EVENT_TAP,      /* @feed has frames, or has ended */
    MCP_MEDIA_EVENT_ROOM,     /* @room_type, for @listener; no @stream */
} McpMediaEventKind;

/** McpMediaDatagram: what is no media; a block of the worker's pool of packets. */
typedef struct {
    McpMediaLink link;
    struct sockaddr_storage from; /* whom it came from, or went to */
    gsize length;
    guint8 data[];
} McpMediaDatagram;

/** MCP_MEDIA_DATAGRAM_DATA: bytes of @data. */
#define MCP_MEDIA_DATAGRAM_DATA (MCP_MEDIA_PACKET_SIZE - sizeof(McpMediaDatagram))
/** MCP_MEDIA_DATAGRAMS_WAITING: a stream's datagrams that may be on their way to its leg. */
#define MCP_MEDIA_DATAGRAMS_WAITING 32

/** McpMediaEvent: a block of the worker's pool on its way to the leg's or holder's context. */
typedef struct {
    McpMediaLink link;
    McpMediaWorker *worker; /* whose block it is */
    McpMediaStream *stream;
    McpMediaEventKind kind;
    McpLegEventType leg_type;
    guint64 generation;
    McpStopReason stop;
    gint64 position;
    gint64 time;
    McpDigit digit;
    const char *mark;              /* of a list that comes back later */
    const GError *failure;         /* of a prompt in @list */
    McpMediaPlayList *list;        /* (transfer full) */
    McpMediaRecorder *recorder;    /* (transfer full) */
    McpMediaDatagram *datagram;    /* (transfer full) */
    gboolean sent;                 /* @datagram was, else received */
    struct _McpMediaTapFeed *feed; /* (transfer full) */
    McpRoomEventType room_type;
    guint members;
    struct _McpMediaRoomListener *listener; /* (transfer full) */
    struct _McpMediaMember *member;         /* (transfer full) (nullable) */
    union {
        struct sockaddr_storage remote;
        McpMediaProgressReport progress;
    };
} McpMediaEvent;

G_STATIC_ASSERT(sizeof(McpMediaEvent) <= MCP_MEDIA_EVENT_SIZE);
G_STATIC_ASSERT(sizeof(McpMediaJitterPacket) <= MCP_MEDIA_PACKET_SIZE);

/**
 * mcp_media_stream_post_datagram: hands @data to the leg, if it is not swamped; @address: whom it
 * came from or went to. RTCP comes within 0.3 s, all else at once. FALSE: it is swamped, or @data
 * is too long. Media worker.
 */
gboolean mcp_media_stream_post_datagram(McpMediaStream *stream, McpMediaEventKind kind,
                                        gboolean sent, const guint8 *data, gsize length,
                                        const struct sockaddr_storage *address, gint64 now);

/** mcp_media_event_free: gives the block back; any thread. */
void mcp_media_event_free(McpMediaEvent *event);

G_END_DECLS
