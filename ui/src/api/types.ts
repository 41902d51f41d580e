// SPDX-License-Identifier: Apache-2.0
// What /api/v1 answers and takes: the same as docs/openapi.yaml, for the compiler.
// Times are RFC 3339 in UTC ("2026-11-21T10:00:00Z"), sizes octets. A page with `next` goes on with ?cursor=NEXT (the
// older routes: queue ?after=NEXT, history ?before=NEXT).

export type Time = string;

// ---------------------------------------------------------------- errors (RFC 9457, application/problem+json)
export interface Problem {
  title: string;
  status: number;
  detail?: string;
}

// ---------------------------------------------------------------- who am I
export type Role = 'admin' | 'reviewer' | 'viewer';
export type Scope =
  | 'overview.read' | 'messages.read' | 'quarantine.read' | 'quarantine.content' | 'quarantine.act'
  | 'waiting.read' | 'waiting.act' | 'queue.read' | 'queue.content' | 'queue.act'
  | 'settings.read' | 'doctor.read' | 'learn.act' | 'admin' | 'own';

/** GET /session; also the answer of every sign-in. DELETE /session signs out (204). */
export interface Session {
  kind: 'none' | 'user' | 'recipient';
  name: string; // account's name, or the recipient's address; empty for none
  role: Role | null;
  scopes: Scope[];
  csrf: string; // for X-CSRF-Token of every request but GET; empty for none
  idle_end: Time | null;
  end: Time | null;
  needs_setup: boolean; // no account exists yet: a set-up link is needed
  host: string; // of the gateway
  version: string;
  sign_in: { link: boolean; directory: boolean }; // ways for recipients: mailed link, their password of the directory
}
/** POST /session. With an address as name: a recipient against the directory. 401, 429 with Retry-After. */
export interface SignIn { name: string; password: string }
/** PUT /session/password -> 204 */
export interface ChangePassword { old: string; new: string }
/** POST /session/link -> 202 always */
export interface LinkRequest { address: string }
/** POST /session/token -> Session: redeems a mailed sign-in link */
export interface TokenSignIn { token: string }
/** POST /setup -> Session: the first admin */
export interface SetUp { token: string; name: string; password: string }

// ---------------------------------------------------------------- accounts (scope admin)
export interface User {
  name: string;
  role: Role;
  created: Time;
  last_sign_in: Time | null;
  disabled: boolean;
}
/** GET /users -> {users}; POST /users NewUser -> 201 User; PATCH /users/{name} UserChange -> User; DELETE -> 204 */
export interface Users { users: User[] }
export interface NewUser { name: string; role: Role; password: string }
export interface UserChange { role?: Role; disabled?: boolean; password?: string }

/** GET /tokens -> {tokens}; POST /tokens NewToken -> 201 CreatedToken; DELETE /tokens/{id} -> 204 (revokes) */
export interface Token {
  id: string;
  name: string;
  owner: string;
  scopes: Scope[];
  created: Time;
  last_used: Time | null;
  expires: Time | null;
  revoked: boolean;
}
export interface Tokens { tokens: Token[] }
export interface NewToken { name: string; scopes: Scope[]; expires?: Time | null }
export interface CreatedToken { token: Token; secret: string } // the secret is shown once

/** GET /audit?object=&who=&action=&limit=&cursor= */
export interface AuditEntry {
  time: Time;
  who: string; // "alice", "token ci (alice)", "anna@example.org", "local operator", "link"
  from: string; // client address, empty for local
  action: string; // "quarantine.release", "user.add", ...
  object: string; // message id, user name, ...
  detail: string;
}
export interface AuditPage { entries: AuditEntry[]; next?: string }

// ---------------------------------------------------------------- overview
/** GET /overview?range=1h|24h|7d ; GET /events (text/event-stream, scope overview.read): event "overview" with the 1h
 *  Overview at once, then whenever something changed, at most every 2 s; comment lines as heartbeat. */
export interface Overview {
  time: Time;
  range: '1h' | '24h' | '7d';
  step: number; // seconds of one bucket
  buckets: Bucket[]; // oldest first, without gaps
  totals: Counts;
  top_findings: { code: string; count: number }[]; // at most 10
  queue: { messages: number; queued: number; held: number; refused: number; expired: number; bytes: number; oldest: Time | null };
  quarantine: { held: number; refused: number; asked: number; bytes: number; limit: number }; // limit 0: none
  sessions: number; // open now
  health: Health[];
  attention: Attention[];
}
export type Verdict = 'accept' | 'tag' | 'greylist' | 'quarantine' | 'reject' | 'disconnect' | 'defer' | 'abort';
export type Counts = Record<Verdict, number>;
export interface Bucket extends Counts { time: Time }
export interface Health {
  name: string; // "dns", "clamd", "recipients directory", "list zen.spamhaus.org", "disk", "store"
  state: 'ok' | 'warning' | 'failing' | 'off' | 'unknown';
  detail: string;
  since: Time | null;
}
export interface Attention {
  severity: 'error' | 'warning' | 'info';
  code: string; // "quarantine.filling", "queue.refused", ...
  text: string;
  page: 'messages' | 'quarantine' | 'waiting' | 'queue' | 'settings' | 'doctor' | 'none';
}

// ---------------------------------------------------------------- messages (history)
/** GET /history?text=&from=&to=&ip=&since=&until=&verdict=&finding=&limit=&before= (since/until: ms since 1970) */
export interface HistoryRecord {
  id: string;
  time: Time;
  kind: 'transaction' | 'connection';
  client: string;
  helo: string;
  listener: string;
  sender: string;
  recipients: string[];
  verdict: Verdict;
  reply: string;
  decided_by: string;
  score: number;
  findings: string[];
}
export interface HistoryPage { records: HistoryRecord[]; next?: string }
/** GET /history/{id} */
export interface HistoryEntry extends HistoryRecord {
  story: Story; // {} when there is none
  deliveries: { time: Time; recipient: string; outcome: 'delivered' | 'deferred' | 'refused' | 'expired'; reply: string }[];
  log: string[]; // raw log lines still at hand, oldest first
  log_complete: boolean; // false: older lines are only in the log itself
  held: string | null; // id in the quarantine, when there is such a message
}
export interface Story {
  id?: string; time?: number; kind?: 'transaction' | 'connection'; // as the record's; time in ms since 1970
  session?: {
    client: string; port: number; listener: string; helo: string; tls: string;
    early_talker?: boolean; names?: string[]; confirmed_name?: string; name_status?: string;
  };
  sender?: string;
  size?: number;
  from?: string[]; // domains of From
  authentication?: string[]; // "spf=pass (...)", in words
  recipients?: StoryRecipient[];
  refusals?: string[];
  handover?: string[];
  reply?: string;
  closed?: string;
  findings?: { code: string; weight: number; evidence: string; check: string }[];
  content?: {
    parts: { place: string; name?: string; declared?: string; type?: string; size: number; sha256?: string; encrypted?: boolean }[];
    hosts?: string[]; links?: number; language?: string;
  };
  check_ms?: Record<string, number>;
  ms?: number;
  look_ups?: { name: string; type: string; status: string; secure?: boolean; records?: string[] }[];
  left_out?: Record<string, number>;
}
export interface StoryRecipient {
  address: string;
  policy: string;
  verdict: Verdict; // of its policy alone
  outcome: Verdict; // with the others considered
  score: number;
  decided_by: string;
  why: string;
  would_change: string;
  findings: { code: string; weight: number; action?: string }[];
}

// ---------------------------------------------------------------- quarantine
/** held: the sender was told 250, we have the only copy. refused: the sender was told 5xx, this is a copy. */
export type HeldKind = 'held' | 'refused';
/** asked: its recipient asks for release, an admin or reviewer decides. */
export type HeldState = 'waiting' | 'asked' | 'released' | 'deleted';
export interface HeldItem {
  id: string;
  time: Time;
  expires: Time;
  kind: HeldKind;
  sender: string; // envelope; empty: <>
  from: string; // as shown, decoded
  subject: string;
  recipients: { address: string; state: HeldState; changed: Time | null; by: string }[];
  client: string;
  policy: string;
  decided_by: string;
  why: string; // one sentence
  score: number;
  findings: string[]; // codes, heaviest first, without infos of no weight
  size: number;
  attachments: string[]; // names, or types of nameless ones
}
/** GET /quarantine?text=&sender=&recipient=&subject=&finding=&kind=&state=&since=&until=&limit=&cursor=
 *  (since/until: ms since 1970; state default waiting and asked; "any" for all). Newest first. */
export interface HeldPage { items: HeldItem[]; next?: string }
/** GET /quarantine/{id} (scope quarantine.read) */
export interface HeldEntry extends HeldItem {
  transaction: string; // id in history
  story: Story | null;
  actions: AuditEntry[]; // newest first
}
/** GET /quarantine/{id}/preview (quarantine.content; recorded in the audit log) */
export interface Preview {
  headers: { name: string; value: string }[]; // for people, decoded
  raw_header: string;
  text: string;
  has_html: boolean; // the frame: GET /quarantine/{id}/preview.html
  attachments: { place: string; name: string; declared: string; type: string; size: number; sha256: string; encrypted: boolean; categories: string[] }[];
  links: { shown: string; url: string; host: string }[];
  blocked: { images: number; scripts: number; forms: number; frames: number };
  truncated: boolean;
}
/** GET /quarantine/{id}/eml -> application/zip, password "infected" (quarantine.content) */

/** POST /quarantine/actions (quarantine.act) */
export interface HeldAction {
  action: 'release' | 'release_and_allow' | 'delete' | 'spam' | 'ham' | 'forward' | 'refuse_request';
  ids: string[]; // 1 to 1000
  recipients?: string[]; // only these of each message; all when left out
  learn?: 'spam' | 'ham'; // together with release or delete
  to?: string; // forward: the analyst's address
  reason?: string;
}
export interface HeldActionResult {
  results: { id: string; ok: boolean; changed: number; detail: string }[];
}

// ---------------------------------------------------------------- waiting
/** GET /waiting?text=&limit=&cursor= (waiting.read): greylisted or put off in the last days and not come back yet */
export interface WaitingItem {
  id: string; // of its last transaction in history
  kind: 'greylist' | 'defer';
  time: Time; // last try
  first: Time;
  tries: number;
  ready: Time | null; // from when on it will be taken
  sender: string;
  recipients: string[];
  client: string;
  why: string;
  let_in: boolean; // already let in; waits for its sender to come back
}
export interface WaitingPage { items: WaitingItem[]; next?: string }
/** POST /waiting/let-in {ids} (waiting.act): the next try passes greylisting -> {results} as HeldActionResult */
export interface LetIn { ids: string[] }

// ---------------------------------------------------------------- queue
/** GET /queue/destinations (queue.read) */
export interface Destinations { destinations: Destination[] }
export interface Destination {
  destination: string;
  queued: number; held: number; refused: number; expired: number;
  bytes: number;
  oldest: Time | null;
  next: Time | null; // next attempt
  last_reply: string;
  active: number; // being delivered now
}
/** GET /queue?state=&destination=&sender=&recipient=&limit=&after= ; GET /queue/{id} -> QueueEntry */
export interface QueueEntry {
  id: string; accepted: Time; size: number; sha256: string; sender: string | null; client: string; helo: string; listener: string; damaged: boolean;
  recipients: { number: number; address: string; destination: string; state: string; attempts: number; due: Time | null; reply: string; owner: string }[];
}
export interface QueuePage { messages: QueueEntry[]; next: string | null }
/** POST /queue/{id}/retry|hold|release|drop, POST /queue/{action}?destination=... (or all=true) -> {changed} (queue.act) */
export interface Changed { changed: number }

// ---------------------------------------------------------------- settings (settings.read)
/** GET /settings: secrets are left out */
export interface Settings {
  toml: string; // effective settings, defaults filled in
  file: string; // its path
  loaded: Time;
  policies: PolicyView[];
  domains: { name: string; policy: string; deliver: string; aliases: string[]; may_choose: string[] }[];
  checks: CheckView[];
  stats_since: Time;
}
export interface PolicyView {
  name: string;
  label: string;
  tag: number | null; greylist: number | null; quarantine: number | null; reject: number | null;
  actions: Record<string, string>;
  weights: Record<string, number>;
  keep_refused: boolean;
  digest: string; // "never", "daily", ...
  used_by: string[]; // domains and recipients
}
export interface CheckView {
  name: string;
  stage: string;
  description: string;
  enabled: boolean;
  findings: { code: string; weight: number; description: string; fired: number; released: number }[]; // last 7 days
}

// ---------------------------------------------------------------- doctor (doctor.read)
/** GET /doctor; until the doctor exists: {available: false, results: []} */
export interface Doctor { available: boolean; results: unknown[] }

// ---------------------------------------------------------------- a recipient's own page (scope own)
/** GET /own/quarantine?text=&state=&limit=&cursor= -> OwnPage ; GET /own/quarantine/{id}/preview, preview.html as above */
export interface OwnItem {
  id: string; time: Time; expires: Time; kind: HeldKind; state: HeldState;
  from: string; sender: string; subject: string; size: number; attachments: string[];
  why: string; // short, in words
  declined: boolean; // he asked for it, and somebody said no
  can_release: boolean; // false: only ask (refused copies, dangerous findings)
}
export interface OwnPage { items: OwnItem[]; next?: string }
/** POST /own/actions -> HeldActionResult */
export interface OwnAction { action: 'release' | 'release_and_allow' | 'ask' | 'delete' | 'delete_and_block'; ids: string[] }
/** GET /own/waiting -> WaitingPage ; POST /own/waiting/let-in LetIn */
/** GET/PUT /own/settings */
export interface OwnSettings {
  address: string;
  policy: string; // chosen, or the domain's
  policies: { name: string; label: string }[]; // that may be chosen; first the domain's own
  digest: Digest;
  digests: Digest[]; // that may be chosen
  allow: string[]; // senders: addresses or domains
  block: string[];
}
export type Digest = 'never' | 'daily' | 'weekdays' | 'weekly' | 'hourly';
export interface OwnSettingsChange { policy?: string; digest?: Digest }
/** POST /own/lists -> OwnSettings */
export interface ListChange { list: 'allow' | 'block'; op: 'add' | 'remove'; entry: string }

// ---------------------------------------------------------------- links in digests (open; the token is the proof)
/** POST /link/show {token} -> LinkInfo: what it would do; changes nothing. POST /link/act {token} -> LinkDone.
 *  The page is /link/TOKEN. 410 Gone: expired or used. */
export interface LinkToken { token: string }
export interface LinkInfo {
  action: 'release' | 'release_and_allow' | 'ask' | 'delete' | 'delete_and_block' | 'sign_in';
  address: string; // whose
  from: string; subject: string; time: Time | null; kind: HeldKind | null;
  expires: Time;
}
export interface LinkDone { action: string; changed: number; detail: string }
