/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For how long, in ms, a loop has missed its beats. A beat comes every 250 ms, a look every 200:
 * what stands below for two seconds is told when the second one is over, not later.
 */
#define MCP_LOOP_STUCK 1600     /* two seconds: not ready */
#define MCP_LOOP_DEAD 30000     /* not live */
#define MCP_LOOP_HOPELESS 45000 /* the service manager's watchdog is not fed any more */
