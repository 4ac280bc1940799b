/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of single elements out of small XML answers (STS). No tree, no allocation but the caller's
 * buffer, depth bounded. Refuses what the AWS query protocol never sends: document types and the entities
 * they could define. Pure.
 */
#ifndef LIB_XML_H
#define LIB_XML_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/str.h"

enum { XML_DEPTH_CAP = 16 };

/*
 * Appends the text of the first element at `path` ("ErrorResponse/Error/Code", from the root, name space
 * prefixes ignored), with references and CDATA resolved and white space around it removed. False, with `out`
 * as it was, if there is none, if it has children, or if the document as a whole is not well-formed.
 */
bool xml_text(struct str document, const char *path, struct buf *out) MUST_USE;

#endif
