# SPDX-License-Identifier: Apache-2.0
"""Who may call what and who reads what, a second time: the tables of test_matrix.py."""
from node import ADDING, FORUM, OTHER, PUBLIC, READ_ONLY, ROOT

C = ROOT + "collections/"
TLP = {"CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487",
       "GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
       "AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
       "STRICT": "939a9414-2ddd-4d32-a0cd-375ea402b003",
       "RED": "e828b379-4e03-4974-9ac4-e53a884c97c1"}
TLP = {k: "marking-definition--" + v for k, v in TLP.items()}
PERSONAL = "extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e"
SHARING = "extension-definition--fdcae292-c800-495b-ae09-6bf1410b5cc4"
ASSET = "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a"
EVENT = "extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622"

# login -> (organisation, roles); None is nobody in particular
PEOPLE = {
    None: (None, ""),
    "officer": ("node", "reader reporter analyst releaser steward operator auditor"),
    "machine": ("node", "operator"),
    "auditor": ("node", "auditor"),
    "grid": ("grid", "reader reporter"),
    "colleague": ("grid", "reader"),
    "hospital": ("hospital", "reader"),
    "named": ("hospital", "reader"),
    "stranger": ("elsewhere", "reader reporter analyst releaser steward"),
}
MEMBERS = {FORUM: {"node", "grid", "hospital"}, ADDING: {"node"}, READ_ONLY: {"node", "grid"},
           OTHER: {"elsewhere"}, PUBLIC: {"node"}}
WRITERS = {FORUM: {"node", "grid"}, ADDING: {"node"}, READ_ONLY: {"node"}, OTHER: {"elsewhere"},
           PUBLIC: {"node"}}

FORUM_PEOPLE = {"officer", "grid", "colleague", "hospital", "named"}
SIGNED_IN = FORUM_PEOPLE | {"stranger"}
# kind -> where it is posted, by whom, who reads it
KINDS = {
    "own": (None, "grid", {"grid", "colleague"}),
    "community": (FORUM, "grid", FORUM_PEOPLE),
    "strict": (FORUM, "officer", FORUM_PEOPLE),
    "othercommunity": (OTHER, "stranger", {"stranger"}),
    "green": (ADDING, "officer", SIGNED_IN),
    "clear": (PUBLIC, "officer", SIGNED_IN | {None}),
    "amberpublic": (PUBLIC, "officer", {"officer"}),
    "redtonamed": (FORUM, "grid", {"grid", "named"}),
    "redtonobody": (FORUM, "officer", {"officer"}),
    "redelsewhere": (OTHER, "stranger", {"stranger"}),
    "orgnamed": (FORUM, "grid", {"grid", "colleague", "hospital", "named"}),
    "unknownnamed": (FORUM, "grid", {"grid", "colleague"}),
    "granular": (FORUM, "grid", FORUM_PEOPLE),  # but for SECRET
    "granularwhole": (FORUM, "grid", {"grid"}),  # the pattern is marked, which it cannot be without
    "unknownmarking": (FORUM, "grid", {"grid", "colleague"}),
    "deleted": (FORUM, "grid", set()),
    "revoked": (FORUM, "grid", FORUM_PEOPLE),
    "exercise": (FORUM, "grid", FORUM_PEOPLE),
    "assetgrid": (FORUM, "officer", FORUM_PEOPLE),
    "assethospital": (ADDING, "officer", {"officer"}),
    "warningreleased": (None, None, {"officer", "hospital", "named"}),
    "warningdraft": (None, None, {"officer"}),
}
WARNINGS = ("warningreleased", "warningdraft")
SECRET = "qhiddenfieldq"  # fields of "granular" that are TLP:RED

ANYONE, SIGNED = "anyone, also without signing in", "whoever is signed in"
SELF = "whoever is signed in, but not by a token"
READS = "reader, reporter, analyst, releaser or steward"
REPORTS, RELEASES = "reporter, analyst, releaser or steward", "releaser"
AUDITS = "auditor"
SUBJECTS = "reader, reporter, analyst, releaser, steward or auditor"
ROUTES = {
    "api_second": ANYONE, "api_sessions": SIGNED, "api_session_end": SELF, "api_factors": SIGNED,
    "api_totp": SELF, "api_totp_confirm": SELF, "api_factors_drop": SELF,
    "api_passkey_ask": ANYONE, "api_oidc": ANYONE, "signin_oidc": ANYONE, "api_passkey_sign_in": ANYONE, "api_passkey_options": SELF,
    "api_passkey_add": SELF, "api_passkey_drop": SELF,
    "api_community_rules": "steward", "api_community_end": "steward", "api_approvals": REPORTS, "api_approval": REPORTS,
    "api_approve": REPORTS, "api_refuse": REPORTS, "api_withdraw": REPORTS,
    "api_duty_points": READS, "api_duty_call": REPORTS, "api_test_calls": READS, "api_duty_answer": READS,
    "api_register_health": READS, "api_confirmations": READS, "api_confirm_open": "steward", "api_confirm_answer": REPORTS,
    "taxii_discovery": ANYONE, "taxii_root": ANYONE, "taxii_status": READS,
    "taxii_collections": ANYONE, "taxii_collection": ANYONE, "taxii_manifest": ANYONE,
    "taxii_objects": ANYONE, "taxii_add": REPORTS, "taxii_object": ANYONE,
    "taxii_delete": REPORTS, "taxii_versions": ANYONE, "api_me": ANYONE, "api_sign_in": ANYONE,
    "api_sign_out": ANYONE, "api_communities": ANYONE, "api_status": SIGNED, "api_objects": READS,
    "api_add": REPORTS, "api_object": READS, "api_versions": READS, "api_search": READS,
    "api_hunt": "analyst", "api_rules": READS, "api_rule": READS, "api_rule_add": "analyst",
    "api_rule_test": "analyst", "api_rule_mute": "analyst", "api_rule_unmute": "analyst",
    "api_audit_checkpoint": "auditor", "api_audit_inclusion": "auditor",
    "api_audit_consistency": "auditor", "api_audience": REPORTS, "api_correlate": READS, "api_correlate_many": READS,
    "api_near": READS, "api_graph": READS,
    "api_impact": READS, "api_critical": "analyst", "api_critical_case": "analyst",
    "api_incident": REPORTS, "api_assets": READS, "api_warnings": READS, "api_warning": READS,
    "api_alert": "steward", "api_community": READS, "api_member_set": "steward", "api_community_state": "steward",
    "api_erase": REPORTS, "api_retention": READS, "api_subject": SUBJECTS, "api_onward": READS, "api_onward_ask": REPORTS, "api_onward_answer": RELEASES,
    "api_release": RELEASES, "api_acknowledge": READS, "api_stream": READS, "cap_feed": READS,
    "cap_message": READS, "healthz": ANYONE, "metrics": ANYONE, "signin_form": ANYONE,
    "signin": ANYONE, "page": ANYONE, "api_audit_checkpoint": AUDITS, "add_checkpoint": ANYONE,
    "api_audit_inclusion": AUDITS, "api_audit_consistency": AUDITS,
}


def roles(who):
    return set(PEOPLE[who][1].split())


def gate(who, needs):
    """What the table of routes alone answers; None when it lets the caller through."""
    if needs == ANYONE:
        return None
    if who is None:
        return 401
    if needs in (SIGNED, SELF) or roles(who) & set(needs.replace(" or", ",").split(", ")):
        return None
    return 403


def reads(who):
    return gate(who, READS) is None


def sees(who, kind):
    return who in KINDS[kind][2]


def of_collection(who, collection):
    """A collection is there for members and, when it is open, for everybody; never for those whose
    roles do not read."""
    if who is None:
        return 200 if collection == PUBLIC else 401
    if not reads(who):
        return 403
    return 200 if collection == PUBLIC or PEOPLE[who][0] in MEMBERS[collection] else 404
