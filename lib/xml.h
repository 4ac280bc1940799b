/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of elements out of small XML documents: answers of STS, requests of S3. No tree, depth bounded.
 * Refuses what AWS's protocols never send: document types and the entities they could define. Pure.
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

/*
 * Calls fn at the end of every element, with its path ("Delete/Object/Key") and its text as it stands, with
 * references and CDATA resolved; the text of an element with children is empty. False if the document is not
 * well-formed, or once fn returns false.
 */
typedef bool xml_element_fn(void *ctx, struct str path, struct str text);
bool xml_each(struct str document, xml_element_fn *fn, void *ctx) MUST_USE;

#endif
