/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/*
 * The part of the signalling contract that moves sessions: REFER with its NOTIFY progress (RFC
 * 3515), Replaces (RFC 3891), Referred-By (RFC 3892). Functions may be called on any thread.
 */

typedef struct _McpSession McpSession;

/** McpRefer: what a REFER asks for. */
typedef struct {
    char *target;      /* URI to be called, without headers */
    char *replaces;    /* nullable: value of Replaces for the INVITE to it: attended transfer */
    char *referred_by; /* nullable: value of Referred-By */
} McpRefer;

/** mcp_refer_new: (transfer full): copies; all but @target nullable. */
McpRefer *mcp_refer_new(const char *target, const char *replaces, const char *referred_by);
/** mcp_refer_copy: (transfer full). */
McpRefer *mcp_refer_copy(const McpRefer *refer);
/** mcp_refer_free: frees it. */
void mcp_refer_free(McpRefer *refer);

/**
 * mcp_session_refer: asks the other side to call @refer's target. MCP_SESSION_REFER_PROGRESS tells
 * how that goes; the last one has a final status, that of the target or of the refusal. One at a
 * time: a second one is told 491.
 */
void mcp_session_refer(McpSession *session, const McpRefer *refer);
/**
 * mcp_session_answer_refer: answers MCP_SESSION_REFERRED: 202, or a @status of 400 or more.
 * @reason nullable.
 */
void mcp_session_answer_refer(McpSession *session, guint status, const char *reason);
/**
 * mcp_session_notify_refer: tells the other side, after a 202, what became of the call it asked
 * for; @status of 200 or more ends it. Does nothing when it wants no progress (RFC 4488).
 */
void mcp_session_notify_refer(McpSession *session, guint status);
/**
 * mcp_session_refer_session: the same, towards the other side of @other, whose place it is to take
 * (attended transfer). @other is a session of the same provider; @referred_by nullable.
 */
void mcp_session_refer_session(McpSession *session, McpSession *other, const char *referred_by);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpRefer, mcp_refer_free)

G_END_DECLS
