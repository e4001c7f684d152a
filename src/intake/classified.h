/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: a node for unclassified information takes nothing that is marked EU RESTRICTED or
 * above, NATO RESTRICTED or above, or with a national equivalent (Council Decision 2013/488/EU,
 * Appendix B). Accents, case and punctuation between words do not matter: "R-UE/EU-R", "Tres Secret
 * UE". Distribution words that are no classification (LIMITE, SENSITIVE) pass. Pure. */
#ifndef TC_INTAKE_CLASSIFIED_H
#define TC_INTAKE_CLASSIFIED_H

#include "base/str.h"

/* A text whose purpose is to mark: statement or name of a marking-definition, a label, CAP's
 * restriction. The level found in *level (its usual spelling), or false. */
bool tc_classified_marking(struct tc_str text, const char **level);

/* A heading of ordinary prose (name, first line of a description, headline): only phrases in upper
 * case count, as markings are written, so that a report about secrets can be filed. */
bool tc_classified_heading(struct tc_str text, const char **level);

#endif
