/* SPDX-License-Identifier: Apache-2.0 */
function triple(x) { return 3 * x; }
