/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of the extension-definition objects that packs/critical-entities publishes. */
#ifndef TC_MODEL_EXTENSIONS_H
#define TC_MODEL_EXTENSIONS_H

#define TC_EXT_ASSET      "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a"
#define TC_EXT_DEPENDENCY "extension-definition--9b4814f3-a428-5713-b008-ba4338afe562"
#define TC_EXT_EVENT      "extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622"
/* to whom an object is addressed */
#define TC_EXT_SHARING "extension-definition--fdcae292-c800-495b-ae09-6bf1410b5cc4"
/* on marking-definitions: embargo, release caveat, originator control */
#define TC_EXT_HANDLING "extension-definition--b2c9bcf4-4a5f-5a6e-9f3e-6d7ee1a5c0b8"
/* an object type: a request to let an object go on */
#define TC_EXT_RELEASE_REQUEST "extension-definition--5a0c1d9e-3f53-5d0a-8f0b-0c5b7b1f2a44"
/* object types: who answers round the clock; a call that finds out */
#define TC_EXT_DUTY_POINT "extension-definition--0f3d1a52-6c1e-5c6f-9d7a-7a7b6c1e2d31"
#define TC_EXT_TEST_CALL  "extension-definition--c8a5b6d4-1b0f-5f5e-8a53-2f4e0b9c7d12"
/* an object type: does what the register has of an operator still hold */
#define TC_EXT_CONFIRMATION "extension-definition--3b0e6c1f-7a54-5d19-9c62-51f0a8d7e4b3"
/* on marking-definitions, published by FIRST and in the OASIS common objects */
#define TC_EXT_TLP_2 "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
#define TC_EXT_PAP   "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
/* an alert of the Common Alerting Protocol, on incident and observed-data */
#define TC_EXT_CAP "extension-definition--0780ee32-794e-56fc-af97-ee5e5f509860"
/* what CISA's catalogue says of a vulnerability */
#define TC_EXT_KEV "extension-definition--c0fde692-dcb3-5586-bd89-5fafe3cc6e82"
/* what makes an indicator a rule: partitions, words, what its findings are about */
#define TC_EXT_RULE "extension-definition--522d5a34-03c1-5bf5-aeba-304766ac6688"
/* the type "mute": findings of a rule that are not wanted for a time */
#define TC_EXT_MUTE "extension-definition--77b5a826-fe42-52d3-9ac2-fe630a78da5f"

/* on anything: personal data, what for, whose, until when */
#define TC_EXT_PERSONAL_DATA "extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e"

#endif
