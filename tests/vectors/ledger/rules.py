# SPDX-License-Identifier: Apache-2.0
"""The rules of a ledger, entry by entry: what each may say given what came before."""
import hashlib
from fractions import Fraction
from types import SimpleNamespace

import bodies
import dmp1
import ed25519
import merkle
import minisign
from errors import Refused, Unsupported, require

ENTRY_PREFIX = b"silhouette/entry/v1\n"
KEY_PREFIX = b"silhouette/key/v1\n"
ID_PREFIX = b"silhouette/id/v1\n"
APPROVED_BY_AUTHORITY = ("genesis", "keyset", "grant", "recover", "close", "notice", "data")
AFTER_CLOSE = ("measure", "release", "audit", "recover", "notice")


def key_id(public):
    return hashlib.sha256(KEY_PREFIX + public).digest()[:16]


def ledger_id(genesis_body):
    return hashlib.sha256(ID_PREFIX + genesis_body).digest()[:16]


def show(number):
    return f"{number.numerator}/{number.denominator}"


def render_comment(kind, lid, body):
    """What the trusted comment of an approval of this body must be."""
    fields = {
        "genesis": lambda: f"cap_rho={show(body.cap.rho)} cap_delta={show(body.cap.delta)}",
        "grant": lambda: f"id={body.id.hex()} rho={show(body.rho)} delta={show(body.delta)}",
        "recover": lambda: f"id={body.id.hex()} kind={body.kind} size={body.size}",
        "audit": lambda: f"id={body.id.hex()} size={body.size} verdict={body.verdict}",
        "notice": lambda: f"id={body.id.hex()} release={body.release.hex()}",
        "data": lambda: f"id={body.id.hex()} commit={body.data_commit.hex()}",
    }.get(kind, lambda: f"id={body.id.hex()}")
    return f"silhouette/v1 {kind} ledger={lid.hex()} {fields()}"


def squared_distance(people):
    """D^2: how far one person can move a table of counts, squared."""
    contributions = people.max_contrib**2
    return contributions if people.adjacency == "add-remove" else 2 * contributions


def check_line(line, people):
    """A mechanism's line: its cost is what the formula says, from what one person can do."""
    if line.mechanism == "exponential":
        require(line.rho == line.parameter / 8, "B3", "rho is not epsilon^2 / 8")
        require(line.parameter > 0, "B3", "a selection at random")
    else:
        require(line.sensitivity == squared_distance(people), "B4",
                "sensitivity does not follow from unit and neighbours")
        require(line.parameter > 0, "B3", "no noise")
        require(line.rho == line.sensitivity / (2 * line.parameter), "B3",
                "rho is not D^2 / (2 sigma^2)")
    if line.mechanism != "gaussian-threshold":
        require(line.delta == 0, "B3", "a mechanism that has no delta")


class Keys:
    """Who may sign what: live[role] maps key ids to keys; `seen` holds every key there
    ever was, `revoked` those that no longer count."""

    def __init__(self, shared):
        self.shared = shared
        self.live = {role: {} for role in bodies.ROLES}
        self.seen = set()
        self.revoked = set()

    def copy(self):
        other = Keys(self.shared)
        other.live = {role: dict(keys) for role, keys in self.live.items()}
        other.seen = set(self.seen)
        other.revoked = set(self.revoked)
        return other

    def add(self, keys):
        roles_of = {}
        for key in keys:
            kid = key_id(key.public)
            roles = roles_of.setdefault(kid, set())
            require(key.role not in roles, "K4", "one key twice in a role")
            require(not roles or self.shared, "K3", "one key in two roles")
            roles.add(key.role)
            self.live[key.role][kid] = key.public
        self.seen |= set(roles_of)

    def revoke(self, kids):
        for kid in kids:
            require(kid in self.seen, "K6", "revokes a key that the ledger has not")
            require(kid not in self.revoked, "K6", "revokes a key twice")
            self.revoked.add(kid)
            for keys in self.live.values():
                keys.pop(kid, None)


class Rules:
    """A ledger that has been read up to here. `apply` takes the next entry or refuses;
    after a refusal the object is of no more use."""

    def __init__(self):
        self.tree = merkle.Tree()
        self.genesis = self.lid = self.keys = None
        self.thresholds = None
        self.time = 0
        self.closed = False
        self.ids = set()
        self.grants, self.reserves, self.releases = {}, {}, set()
        self.history = []  # (seq, type name, key ids that made it), for revocations
        self.log_keys = [{}]  # live log keys when the tree had that size

    @property
    def size(self):
        return len(self.tree.leaves)

    @property
    def origin(self):
        return f"{self.genesis.prefix}/silhouette/{self.lid.hex()}"

    def apply(self, data):
        try:
            self._apply(bytes(data))
        except (Refused, Unsupported) as trouble:
            if trouble.entry is None:
                trouble.entry = self.size
            raise

    def _apply(self, data):
        entry = bodies.ENTRY(dmp1.decode(data))
        payload = bodies.payload(dmp1.decode(entry.payload))
        require(payload.seq == self.size, "F5", f"carries number {payload.seq}")
        if self.lid is not None:
            require(payload.lid == self.lid, "F6", "belongs to another ledger")
        require(payload.prev_root == self.tree.roots[-1], "F4",
                "does not continue the entries before it")
        body = self._body(entry, payload)
        require((payload.type == 0) == (payload.seq == 0), "F5",
                "the first entry, and no other, is the genesis")
        if payload.type == 0:
            self._begin(payload, body)
        kind = bodies.TYPE_NAMES[payload.type]
        require(kind == "genesis" or body.lid == self.lid, "F6",
                "the body belongs to another ledger")
        after = self._keys_after(kind, body)
        self._signature(entry, payload, kind, after)
        self._time(payload.time)
        self._approvals(kind, payload, body, after)
        require(not self.closed or kind in AFTER_CLOSE, "B7", "the ledger is closed")
        self._identifier(body)
        getattr(self, f"_{kind}", lambda *_: None)(payload, body)
        self._keep(data, kind, payload, after)

    def _body(self, entry, payload):
        """Of a kind that is not known only where a curator did sign it: damage is refused,
        not called a version of the future."""
        try:
            return bodies.parse_body(payload.type, dmp1.decode(payload.body))
        except Unsupported:
            if self.lid is not None:
                self._signature(entry, payload, "unknown", self.keys)
            raise

    def _begin(self, payload, body):
        """What the genesis says of itself."""
        require(payload.lid == ledger_id(payload.body), "F6",
                "the ledger id is not that of the genesis")
        self.genesis, self.lid = body, payload.lid
        self.keys = Keys("roles-shared" in body.invariants)
        people = body.people
        require(people.max_contrib >= 1, "F1", "nobody contributes anything")
        require((people.unit == "row") == (people.id_column == ""), "F1",
                "unit and id column disagree")
        require(people.unit == "id" or people.max_contrib == 1, "F1",
                "a row that counts more than once")
        require(people.max_contrib <= 2**20, "B4", "too many rows of a person count")
        counts = [word for word in body.invariants if word.startswith("n=")]
        require(len(counts) <= 1, "F1", "two counts of records")
        require(not counts or (people.adjacency, people.unit) == ("replace-one", "row"),
                "P1", "a count of records that is not public")
        require(body.thresholds.time_gran >= 1, "F1", "a granularity of nothing")
        self.thresholds = body.thresholds
        cap = body.cap
        require(cap.report_delta > 0, "F1", "a claim at delta 0")
        require(cap.rho > 0, "B1", "a cap of nothing")
        require(cap.delta + cap.report_delta < 1, "B9", "deltas that add up to 1")
        require(body.parent is None or body.parent.size >= 1, "F1", "parent without entries")

    def _keys_after(self, kind, body):
        """The keys once this entry counts."""
        keys = self.keys.copy()
        if kind == "genesis":
            keys.add(body.keys)
            self._threshold(body.thresholds.authority, keys, "K2")
        elif kind == "keyset":
            for key in body.add:
                require(key_id(key.public) not in keys.seen, "K6",
                        "adds a key that was in the ledger before")
            keys.revoke([revoked.kid for revoked in body.revoke])
            keys.add(body.add)
            thresholds = body.thresholds or self.thresholds
            self._threshold(thresholds.authority, keys, "K6")
        return keys

    @staticmethod
    def _threshold(threshold, keys, check):
        require(1 <= threshold <= len(keys.live["authority"]), check,
                "a threshold that the authorities cannot meet, or of nobody")

    def _signature(self, entry, payload, kind, after):
        public = self.keys.live["curator"].get(payload.kid)
        if public is None and kind in ("genesis", "keyset"):
            public = after.live["curator"].get(payload.kid)
        require(public or payload.kid not in self.keys.revoked, "K5",
                "signed by a key that was revoked")
        require(public is not None, "K1", "not signed by a curator")
        require(ed25519.verify(public, entry.sig, ENTRY_PREFIX + entry.payload), "K1",
                "the curator's signature does not verify")

    def _time(self, time):
        require(time % self.genesis.thresholds.time_gran == 0, "F7",
                "a time finer than the ledger's granularity")
        require(time >= self.time, "F7", "a time before that of the last entry")

    def _approvals(self, kind, payload, body, after):
        approvals = payload.approvals
        kids = [approval.kid for approval in approvals]
        require(len(set(kids)) == len(kids), "K4", "one key approves twice")
        bodies.ascending(kids, "approvals")
        role = "auditor" if kind == "audit" else "authority"
        old, new = self.keys.live[role], after.live[role]
        if kind in APPROVED_BY_AUTHORITY or kind == "audit":
            allowed = {**old, **new} if kind in ("genesis", "keyset") else old
        else:
            allowed = {}
        comment = render_comment(kind, self.lid, body) if approvals and allowed else None
        for approval in approvals:
            self._approval(approval, allowed, payload.body, comment)
        self._enough(kind, set(kids), old, new, body)

    def _approval(self, approval, allowed, body, comment):
        public = allowed.get(approval.kid)
        require(public or approval.kid not in self.keys.revoked, "K5",
                "approved by a key that was revoked")
        require(public is not None, "K2", "an approval by nobody who may approve this")
        require(minisign.signs(public, approval.sig, body), "K2",
                "an approval that does not sign this body")
        require(minisign.signs_comment(public, approval.sig, approval.comment,
                                       approval.global_sig), "K2",
                "an approval whose comment is not signed")
        require(approval.comment == comment, "R4",
                "an approval whose comment says something else than the body")

    def _enough(self, kind, kids, old, new, body):
        needed = self.thresholds.authority
        if kind == "audit":
            require(len(kids) == 1, "K2", "an audit is approved by exactly one auditor")
        elif kind == "keyset":
            require(len(kids & set(old)) >= needed, "K6", "too few of the old authorities")
            needed = (body.thresholds or self.thresholds).authority
            require(len(kids & set(new)) >= needed, "K6", "too few of the new authorities")
        elif kind in APPROVED_BY_AUTHORITY:
            require(len(kids) >= needed, "K2", "too few approvals")

    def _identifier(self, body):
        identifier = getattr(body, "id", None)
        require(identifier is None or identifier not in self.ids, "B6",
                "an id that was used before")
        if identifier is not None:
            self.ids.add(identifier)

    def _keyset(self, payload, body):
        for revoked in body.revoke:
            require(revoked.as_of <= payload.seq, "K5", "a revocation in the future")
            for seq, kind, makers in self.history[revoked.as_of:]:
                if kind in ("grant", "release") and revoked.kid in makers:
                    raise Refused("K5", f"a {kind} by a key revoked as of {revoked.as_of}",
                                  seq)
        if body.thresholds:
            self.thresholds = SimpleNamespace(authority=body.thresholds.authority,
                                              witness=body.thresholds.witness)

    def _grant(self, payload, body):
        rho = sum((grant.rho for grant in self.grants.values()), body.rho)
        delta = sum((grant.delta for grant in self.grants.values()), body.delta)
        cap = self.genesis.cap
        require(rho <= cap.rho and delta <= cap.delta, "B1", "grants beyond the cap")
        self.grants[body.id] = SimpleNamespace(
            rho=body.rho, delta=body.delta, expires=body.expires, spent_rho=Fraction(0),
            spent_delta=Fraction(0))

    def _reserve(self, payload, body):
        grant = self.grants.get(body.grant)
        require(grant is not None, "B2", "a reserve against a grant that is not there")
        require(payload.time <= grant.expires, "B8", "a reserve after the grant expired")
        grant.spent_rho += body.rho
        grant.spent_delta += body.delta
        require(grant.spent_rho <= grant.rho and grant.spent_delta <= grant.delta, "B2",
                "reserves beyond their grant")
        self.reserves[body.id] = SimpleNamespace(
            rho=body.rho, delta=body.delta, used_rho=Fraction(0), used_delta=Fraction(0),
            transcript=None, released=False)

    def _measure(self, payload, body):
        reserve = self.reserves.get(body.reserve)
        require(reserve is not None, "B5", "a measurement without a reserve")
        require(reserve.transcript in (None, body.transcript), "B5",
                "one run with two transcripts")
        reserve.transcript = body.transcript
        for line in body.lines:
            check_line(line, self.genesis.people)
            reserve.used_rho += line.rho
            reserve.used_delta += line.delta
        require(reserve.used_rho <= reserve.rho and reserve.used_delta <= reserve.delta,
                "B5", "measurements beyond their reserve")

    def _release(self, payload, body):
        require(body.reserves and body.artifacts, "R6", "a release of nothing")
        for identifier in body.reserves:
            reserve = self.reserves.get(identifier)
            require(reserve is not None, "R6", "a release without a reserve")
            require(reserve.transcript is not None, "R6", "a release of no measurement")
            reserve.released = True
        self.releases.add(body.id)

    def _audit(self, payload, body):
        require(body.size <= payload.seq and body.root == self.tree.roots[body.size], "F4",
                "an audit of a tree that this ledger never was")

    def _recover(self, payload, body):
        require(body.size <= payload.seq, "F5", "a recovery of entries yet to come")

    def _close(self, payload, body):
        self.closed = True

    def _notice(self, payload, body):
        require(body.release in self.releases, "R6", "withdraws a release that is not there")

    def _keep(self, data, kind, payload, after):
        makers = {payload.kid} | {approval.kid for approval in payload.approvals}
        self.history.append((payload.seq, kind, makers))
        self.time = payload.time
        self.keys = after
        self.tree.append(data)
        self.log_keys.append(dict(after.live["log"]))

    def warnings(self):
        for identifier, reserve in self.reserves.items():
            if not reserve.released:
                yield f"R8 reserve {identifier.hex()}: spent, nothing released"
        if self.keys.shared:
            yield "K3 roles-shared: one key stands for several people"


def verify_entries(entries):
    """Read a whole ledger from the bytes of its entries; Refused or Unsupported else."""
    rules = Rules()
    for data in entries:
        rules.apply(data)
    require(rules.size > 0, "F3", "a ledger without a genesis")
    return rules
